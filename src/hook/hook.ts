/**
 * Hook: one object per hook. Holds its queue and delivers it in wakes: begun by the call that makes something due, or by
 * its alarm, which is derived from the queue. It decides nothing about which events it gets: the event log does.
 */
import { DurableObject } from 'cloudflare:workers';
import type { DeliveryStatus, Reason } from '../core/delivery.ts';
import {
  afterEnabling,
  heldFrom,
  isHealthy,
  isProbed,
  type Health,
  type WaitReason,
} from '../core/health.ts';
import { FIFO_LANE } from '../core/lane.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Env } from '../env.ts';
import type { StoredEvent } from '../event-log/event-store.ts';
import type { HookRegistration } from '../event-log/hooks.ts';
import { randomBytes } from '../random.ts';
import { eventLogOf, isTenantGone, type TenantRef } from '../registry/address.ts';
import { Alarm, backOffMs, SAFETY_NET_MS } from '../storage/alarm.ts';
import { withDeadline } from '../storage/deadline.ts';
import { GroupCommit } from '../storage/group-commit.ts';
import { isOpened, migrate } from '../storage/migrate.ts';
import { settingsOf } from '../settings.ts';
import { switchesNow } from '../switchboard/switches.ts';
import { writeHealth } from './health.ts';
import { destinationOf } from './destination.ts';
import { canBeSent } from './message.ts';
import type { Notice } from './notices.ts';
import { NOTHING_TO_PURGE, pendingBelow, purge, type PurgeStep } from './purge.ts';
import type { ReplayJob, ReplayOrder } from './replay.ts';
import { nextStepMs, replayStep } from './replay-step.ts';
import {
  expiryDueMs,
  holdReason,
  lastSuccessOf,
  nextStartMs,
  readOpenHook,
  take,
  tokenMs,
  type Clock,
  type OpenHook,
} from './open-hook.ts';
import { isPending, PENDING_STATES, statusOf, type Delivery } from './deliveries.ts';
import { HOOK_MIGRATIONS } from './schema.ts';
import { send } from './send.ts';
import { bury, expire, ofFormerTarget, settleAttempt, settleFirstTry } from './settlement.ts';
import { testEvent } from './test-event.ts';
import { viewOf, waitingOf, type DeliveryView, type Waiting } from './waiting.ts';

/** A wake has 15 minutes of wall time; it ends long before and goes on in the next. */
const ATTEMPTS_PER_WAKE = 500;
const WAKE_MS = 5 * 60_000;
/** What the rate limit holds back no longer than this is waited for in the wake: an alarm costs a row and may be late. */
const LINGER_MS = 50;
/** While the operator has paused delivery, the switch is looked at this often. */
const PAUSED_LOOK_MS = 20_000;
/** The deliveries of this hook wait for no event log that hangs. */
const LOG_DEADLINE_MS = 10_000;
/** Held for too long: so many end in one turn. */
const EXPIRED_AT_ONCE = 500;
/** A hook that has been held for long is looked through this often at most. */
const EXPIRY_LOOK_MS = 3_600_000;
const DAY_MS = 86_400_000;
const QUEUE_LIMITS = { deliveries: 100_000, bytes: 1_000_000_000 };

export interface HookRuntime {
  readonly state: 'active' | 'paused' | 'disabled';
  readonly stateReason: Reason | null;
  readonly pending: number;
  readonly delivered: number;
  readonly dead: number;
  /** Why nothing goes out now, and until when at the least; null: nothing holds it back. */
  readonly waiting: Waiting<WaitReason> | null;
  readonly consecutiveFailures: number;
  readonly oldestPendingAtMs: number | null;
  readonly lastSuccessAtMs: number | null;
  readonly lastFailureAtMs: number | null;
  readonly lastError: string | null;
  /** The answer to the attempt that failed last, in words. */
  readonly lastAnswer: string | null;
  /** Attempts since the hook was registered, and how many of them failed. */
  readonly calls: number;
  readonly errors: number;
}

/** Why a call by hand did nothing, or that it did. */
type ByHandRefusal = 'unknown' | 'in-flight' | 'paused' | 'disabled';
export type RetryResult = 'retried' | 'expunged' | 'queue-full' | ByHandRefusal;
export type CancelResult = 'cancelled' | 'ended' | ByHandRefusal;

export interface TestResult {
  readonly delivered: boolean;
  readonly statusCode: number | null;
  readonly durationMs: number;
  readonly error: string | null;
}

/** One run of the alarm. */
interface Wake {
  /** That went out and came to something. */
  attempts: number;
  /** Nothing more starts in it. */
  isOver: boolean;
  /** What is being told to the tenant's event log; null: nothing is. */
  telling: Promise<void> | null;
  /** What was thrown: a bug or failing storage, never the receiver. */
  failure?: Error;
}

export class Hook extends DurableObject<Env> {
  /** Milliseconds of the Unix epoch, and dice in [0, 1). Own members, so that they cannot be reached over RPC. */
  readonly clock: Clock = {
    nowMs: () => Date.now(),
    dice: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
  };
  readonly queueLimits = { ...QUEUE_LIMITS };
  /** What is due starts without waiting for the alarm. Tests of single steps run the alarm themselves. */
  readonly isEager: boolean = true;

  readonly #sql: SqlStorage;
  readonly #alarm: Alarm;
  #open: OpenHook | null = null;
  #isAwake = false;
  /** The latest wake; never rejects. */
  #waking: Promise<void> = Promise.resolve();
  #failures = 0;
  /** A write has failed: memory may be ahead of the disk. */
  #isStale = false;
  readonly #outcomes = new GroupCommit();
  /** Makes a wake that waits for its attempts look again. */
  #nudge: (() => void) | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#alarm = new Alarm(ctx.storage);
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.load();
      if (!isOpened(this.#sql)) return;
      migrate(ctx.storage, HOOK_MIGRATIONS);
      this.#open = readOpenHook(this.#sql, this.clock.nowMs());
      this.#open.queue.freeLanes();
      this.#noteHold(this.#open, this.#open.health);
      this.#arm(false);
    });
  }

  /**
   * Takes over a registration, unless it has a newer one. From the answer on no attempt starts by older rules; a
   * deleted hook's queue is cancelled.
   */
  configure(ref: TenantRef, registration: HookRegistration): void {
    if (this.#open === null) {
      this.ctx.storage.transactionSync(() => {
        migrate(this.ctx.storage, HOOK_MIGRATIONS);
        this.#sql.exec(
          'INSERT INTO assignment (tenant, incarnation, jurisdiction, registration) VALUES (?, ?, ?, ?)',
          ref.tenant,
          ref.incarnation,
          ref.jurisdiction,
          JSON.stringify(registration),
        );
      });
      this.#open = readOpenHook(this.#sql, this.clock.nowMs());
      this.#noteHold(this.#open, this.#open.health);
      return;
    }
    const before = this.#opened().assignment.registration;
    if (registration.version <= before.version) return;
    this.#commit((hook) => {
      this.#sql.exec('UPDATE assignment SET registration = ?', JSON.stringify(registration));
      hook.assignment = { ref: hook.assignment.ref, registration };
      if (registration.deletedAtMs !== null) {
        hook.replay.cancel(this.clock.nowMs());
        const cancelled = hook.queue.cancelAll('deleted', this.clock.nowMs());
        hook.health = writeHealth(this.#sql, {
          ...hook.health,
          cancelled: hook.health.cancelled + cancelled,
        });
      } else if (registration.config.ordering !== before.config.ordering) {
        hook.queue.reorder(registration.config.ordering);
      }
      this.#noteHold(hook, hook.health);
    });
    this.#arm();
  }

  /** Takes events into the queue, in the order of the log. What it has already taken it takes without effect. */
  enqueue(events: readonly StoredEvent[]): void {
    const hook = this.#opened();
    const { config, deletedAtMs } = hook.assignment.registration;
    const nowMs = this.clock.nowMs();
    let cancelled = 0;
    try {
      for (const event of events) {
        const sequence = hook.queue.lastSequence;
        const isQueued = hook.queue.enqueue(
          event,
          config.ordering,
          this.queueLimits,
          deletedAtMs !== null,
          nowMs,
        );
        if (!isQueued && hook.queue.lastSequence > sequence) cancelled += 1;
      }
    } finally {
      // What was taken before a failure stays taken.
      if (cancelled > 0) {
        hook.health = writeHealth(this.#sql, {
          ...hook.health,
          cancelled: hook.health.cancelled + cancelled,
        });
      }
      this.#arm();
    }
  }

  /**
   * Re-enables the hook if it was disabled and clears its failure count. After an outage one attempt at a time goes
   * out until the first success, and the first of them now.
   */
  enable(): HookRuntime {
    this.#commit((hook) => {
      this.#noteHold(hook, afterEnabling(hook.health));
      if (isProbed(hook.health)) hook.queue.probe(this.clock.nowMs());
    });
    this.#arm();
    return this.runtime();
  }

  /** Writes down how the hook fares, and since when it is held. */
  #noteHold(hook: OpenHook, health: Health): void {
    const { paused } = hook.assignment.registration.config;
    const noted = heldFrom(health, paused, this.clock.nowMs());
    if (noted !== hook.health) hook.health = writeHealth(this.#sql, noted);
  }

  runtime(): HookRuntime {
    const hook = this.#opened();
    const { health, queue, assignment } = hook;
    const pending = queue.pending - queue.sentAgain;
    const isDisabled = health.disabledReason !== null;
    const isPaused = assignment.registration.config.paused;
    const delivered = queue.lastSequence - pending - health.dead - health.cancelled;
    return {
      state: isDisabled ? 'disabled' : isPaused ? 'paused' : 'active',
      stateReason: isDisabled ? health.disabledReason : isPaused ? 'paused' : null,
      pending,
      delivered,
      dead: health.dead,
      waiting: waitingOf(hook, this.clock.nowMs()),
      consecutiveFailures: health.consecutiveFailures,
      oldestPendingAtMs: queue.deliveries.oldestPendingAtMs(),
      lastSuccessAtMs: lastSuccessOf(hook),
      lastFailureAtMs: health.lastFailureAtMs,
      lastError: health.lastError,
      lastAnswer: health.lastAnswer,
      // Successes are not counted as they come, which would cost each of them a row.
      calls: delivered + health.extraSuccesses + health.errors,
      errors: health.errors,
    };
  }

  /** Sends a `posthorn.test` event now. Not queued, not counted, also when the hook is paused or disabled. */
  async test(): Promise<TestResult> {
    const hook = this.#opened();
    const { id, config } = hook.assignment.registration;
    const nowMs = this.clock.nowMs();
    const event = testEvent(
      { tenant: hook.assignment.ref.tenant, hookId: id, ...config },
      nowMs,
      randomBytes(5),
      crypto.randomUUID(),
    );
    const { outcome, report } = await send(
      this.env,
      this.clock,
      hook,
      event,
      await destinationOf(this.env, hook, event),
      { sequence: null, replay: null },
      1,
      nowMs,
    );
    return {
      delivered: outcome?.kind === 'delivered',
      statusCode: outcome?.statusCode ?? null,
      durationMs: report.durationMs,
      error: outcome === null || outcome.kind === 'delivered' ? null : outcome.error,
    };
  }

  /**
   * Sends a delivery again by hand, now: a pending one instead of its scheduled attempt, using no step; an ended one
   * with a fresh schedule.
   */
  retry(event: StoredEvent): RetryResult {
    const hook = this.#opened();
    const record = hook.queue.deliveries.find(event.seq);
    const isDeleted = hook.assignment.registration.deletedAtMs !== null;
    if (record === null || record.state === 'skipped' || isDeleted) return 'unknown';
    if (hook.queue.expunged.has(event.seq)) return 'expunged';
    const refusal = this.#byHandRefusal(hook, event.seq);
    if (refusal !== null) return refusal;
    const { state } = record;
    if (!isPending(state) && hook.queue.isFull(event, this.queueLimits)) return 'queue-full';
    this.#commit(() => {
      switch (state) {
        case 'dead':
          hook.health = writeHealth(this.#sql, { ...hook.health, dead: hook.health.dead - 1 });
          hook.queue.reopen(event, state, this.clock.nowMs());
          break;
        case 'cancelled':
          hook.health = writeHealth(this.#sql, { ...hook.health, cancelled: hook.health.cancelled - 1 });
          hook.queue.reopen(event, state, this.clock.nowMs());
          break;
        case 'delivered':
          hook.queue.reopen(event, state, this.clock.nowMs());
          break;
        case 'ready':
        case 'waiting':
        case 'retrying':
          hook.queue.hurry(event.seq);
      }
    });
    this.#arm();
    return 'retried';
  }

  /** Ends a pending delivery by hand; what waits behind it goes on. */
  cancel(seq: number): CancelResult {
    const hook = this.#opened();
    const record = hook.queue.deliveries.find(seq);
    if (record === null) return 'unknown';
    const refusal = this.#byHandRefusal(hook, seq);
    if (refusal !== null) return refusal;
    return this.#cancel(hook, seq, 'cancelled') ? 'cancelled' : 'ended';
  }

  /** False: it is not pending. */
  #cancel(hook: OpenHook, seq: number, reason: 'cancelled' | 'deleted'): boolean {
    const state = this.#commit(() => {
      const ended = hook.queue.cancel(seq, reason, this.clock.nowMs());
      if (ended !== null) {
        const cancelled = hook.health.cancelled + (ended === 'cancelled' ? 1 : 0);
        hook.health = writeHealth(this.#sql, { ...hook.health, cancelled });
      }
      return ended;
    });
    this.#arm();
    return state !== null;
  }

  #byHandRefusal(hook: OpenHook, seq: number): 'in-flight' | 'paused' | 'disabled' | null {
    if (hook.queue.isInFlight(seq)) return 'in-flight';
    const held = holdReason(hook);
    if (held === null) return null;
    return held === 'paused' ? 'paused' : 'disabled';
  }

  /**
   * Begins a replay and does its first step, so that a small one is answered with its counts; the rest follows from the
   * alarm. `running`: another one does. Null: the hook is deleted.
   */
  async startReplay(order: ReplayOrder): Promise<ReplayJob | 'running' | null> {
    const hook = this.#opened();
    if (hook.assignment.registration.deletedAtMs !== null) return null;
    if (hook.replay.job?.state === 'running') return 'running';
    const id = `rpl_${crypto.randomUUID().replaceAll('-', '').slice(0, 20)}`;
    this.#commit(() => {
      hook.replay.start(id, order, this.clock.nowMs());
    });
    this.#arm();
    await this.#replayStep(hook);
    return this.replay();
  }

  /** The latest replay as it stands; null: there never was one. */
  replay(): ReplayJob | null {
    return this.#opened().replay.job;
  }

  /** Ends the replay that runs, if one does; what it has queued goes out all the same. */
  cancelReplay(): ReplayJob | null {
    this.#opened().replay.cancel(this.clock.nowMs());
    return this.replay();
  }

  async #replayStep(hook: OpenHook): Promise<void> {
    const { ref, registration } = hook.assignment;
    const log = eventLogOf(this.env, ref);
    try {
      await replayStep(this.#sql, hook, this.queueLimits, {
        eventsAt: (seqs) => withDeadline(log.eventsAt(seqs), LOG_DEADLINE_MS),
        wanted: (...range) => withDeadline(log.wantedBy(registration.id, ...range), LOG_DEADLINE_MS),
        isOpen: () => this.#open === hook,
        commit: (work) => {
          this.#commit(work);
        },
        nowMs: this.clock.nowMs,
      });
    } finally {
      if (this.#open === hook) this.#arm();
    }
  }

  /**
   * Removes deliveries of events below `beforeSeq` that have ended, at most 1,000 a call, and in the end tells which of
   * these events are still pending here. What is pending or in flight stays; the hook's numbers and counters go on.
   */
  purge(beforeSeq: number): PurgeStep {
    if (this.#open === null) return NOTHING_TO_PURGE;
    return this.#commit((hook) => {
      // The newest success may be told by a row alone.
      const lastSuccessAtMs = lastSuccessOf(hook);
      if (lastSuccessAtMs !== hook.health.lastSuccessAtMs)
        hook.health = writeHealth(this.#sql, { ...hook.health, lastSuccessAtMs });
      return purge(this.#sql, hook.queue, beforeSeq);
    });
  }

  /** Goes on telling what is pending where a purge ended: its `pendingFrom`. Removes nothing. */
  pendingBelow(fromSeq: number, beforeSeq: number): PurgeStep {
    return this.#open === null ? NOTHING_TO_PURGE : pendingBelow(this.#sql, fromSeq, beforeSeq);
  }

  /**
   * The payload of an event leaves this hook, with what receivers answered to it; the delivery's row stays, one that is
   * pending as cancelled (`deleted`). An attempt in flight may still arrive. From the answer on nothing of it is sent,
   * also when the event comes in later. Repeating it changes nothing.
   */
  expunge(seq: number): void {
    if (this.#open === null) return;
    const hook = this.#opened();
    // It may be an answer to this event, and echo it. First: the row to be emptied may hold the newest health.
    if (hook.health.lastAnswer !== null)
      hook.health = writeHealth(this.#sql, { ...hook.health, lastAnswer: null });
    // Before the end of the delivery moves its row.
    hook.queue.expunged.add(seq);
    this.#cancel(hook, seq, 'deleted');
  }

  /** What became of the event at this place of the log, and what is next; null: it never came here. */
  delivery(seq: number): DeliveryView | null {
    const hook = this.#open;
    const record = hook?.queue.deliveries.find(seq) ?? null;
    return hook === null || record === null ? null : viewOf(hook, record, this.clock.nowMs());
  }

  /** Newest first. `status` null: any. */
  deliveries(status: DeliveryStatus | null, beforeSeq: number | null, limit: number): DeliveryView[] {
    const hook = this.#open;
    if (hook === null) return [];
    const isHeld = holdReason(hook) !== null;
    const states = STATES.filter((state) => status === null || statusOf(state, isHeld) === status);
    if (states.length === 0) return [];
    return hook.queue.deliveries
      .list(states, beforeSeq, limit)
      .map((record) => viewOf(hook, record, this.clock.nowMs()));
  }

  /** Leaves nothing behind: no row, no alarm. */
  async erase(): Promise<void> {
    this.#open = null;
    this.#alarm.fired();
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  /** Sees a wake through that is under way: should the process end before, the runtime runs the alarm again. */
  override async alarm(): Promise<void> {
    this.#alarm.fired();
    if (!this.#isAwake) this.#start();
    await this.#waking;
  }

  #start(): void {
    this.#waking = this.#wake();
  }

  /** Never throws: what failed stays in the queue, and the alarm is derived from there again. */
  async #wake(): Promise<void> {
    this.#isAwake = true;
    try {
      if (this.#open !== null && this.#isStale) this.#reread(this.#open);
      this.#expire();
      await this.#drain();
      this.#isAwake = false;
      this.#failures = 0;
      this.#arm(false);
    } catch (error) {
      this.#isAwake = false;
      this.#failures += 1;
      const { registration } = this.#open?.assignment ?? {};
      console.error('hook wake failed', {
        hookId: registration?.id,
        failures: this.#failures,
        error: String(error),
      });
      // Where storage fails it cannot say what is due: it is asked again later, however often.
      if (this.#open !== null) this.#alarm.by(this.clock.nowMs() + backOffMs(this.#failures));
    }
  }

  /**
   * Delivers what is due, up to the hook's `concurrency` attempts side by side, until nothing is or this wake has done
   * its part. What comes in or falls due meanwhile is seen at once, and what there is to tell is told beside it.
   */
  async #drain(): Promise<void> {
    const endMs = this.clock.nowMs() + WAKE_MS;
    const begun = new Set<Promise<void>>();
    const wake: Wake = { attempts: 0, isOver: false, telling: null };
    const underWay = () => (wake.telling === null ? [...begun] : [...begun, wake.telling]);
    let hasLingered = false;
    const begin = (work: Promise<void>) => {
      const tracked: Promise<void> = work
        .catch((error: unknown) => {
          wake.isOver = true;
          wake.failure = asError(error);
        })
        .finally(() => {
          begun.delete(tracked);
          this.#nudge?.();
        });
      begun.add(tracked);
    };
    try {
      for (;;) {
        const isPaused = (await switchesNow(this.env)).delivery === 'paused';
        const hook = this.#open;
        const nowMs = this.clock.nowMs();
        wake.isOver ||= nowMs > endMs || wake.attempts >= ATTEMPTS_PER_WAKE;
        if (hook === null || wake.isOver) {
          if (underWay().length === 0) break;
          await this.#somethingHappens(Infinity);
          continue;
        }
        if (isPaused) hook.pausedUntilMs = nowMs + PAUSED_LOOK_MS;
        this.#tellNext(hook, wake);
        if (!isPaused && nextStepMs(hook, this.queueLimits) <= nowMs) begin(this.#replayStep(hook));
        const delivery = isPaused ? null : take(hook, nowMs);
        if (delivery !== null) {
          begin(this.#deliver(hook, delivery, wake));
          hasLingered = false;
          continue;
        }
        const isIdle = underWay().length === 0;
        const isLimited = !isPaused && tokenMs(hook, nowMs) > nowMs;
        if (isIdle && (hasLingered || !isLimited)) break;
        const dueInMs = isPaused ? Infinity : nextStartMs(hook, nowMs) - nowMs;
        if (isIdle && dueInMs > LINGER_MS) break;
        hasLingered = isIdle;
        if (hook.queue.inFlight === 0) this.#outcomes.complete();
        await this.#somethingHappens(dueInMs);
      }
    } finally {
      await Promise.all(underWay());
    }
    if (wake.failure !== undefined)
      throw new Error(`inside the relay: ${String(wake.failure)}`, { cause: wake.failure });
  }

  /** An attempt under way ends, an event or another registration comes in, or the next one falls due. */
  async #somethingHappens(dueInMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#nudge = resolve;
      if (dueInMs !== Infinity) timer = setTimeout(resolve, Math.max(0, dueInMs));
    });
    this.#nudge = null;
    if (timer !== undefined) clearTimeout(timer);
  }

  /** One attempt of one delivery, from its claim to its record. */
  async #deliver(hook: OpenHook, delivery: Delivery, wake: Wake): Promise<void> {
    const { registration } = hook.assignment;
    const { url, format } = registration.config;
    try {
      if (!canBeSent(delivery, format)) {
        this.#commit(() => {
          bury(this.#sql, hook, delivery, this.clock.nowMs());
        });
        return;
      }
      const destination = await destinationOf(this.env, hook, delivery);
      // Who changed, paused or deleted the hook meanwhile was told that nothing starts by older rules.
      if (this.#open !== hook || hook.assignment.registration !== registration || holdReason(hook) !== null)
        return;
      if (hook.queue.expunged.has(delivery.seq)) return;
      const nowMs = this.clock.nowMs();
      const attempt = delivery.attempts + 1;
      const { outcome, report } = await send(
        this.env,
        this.clock,
        hook,
        delivery,
        destination,
        delivery,
        attempt,
        nowMs,
      );
      if (outcome === null) {
        wake.isOver = true;
        // The next wake has a quota of its own; one that was used up from the start needs time.
        if (wake.attempts === 0)
          throw new Error('expected an attempt to go out, got the platform refusing it');
        return;
      }
      wake.attempts += 1;
      await this.#turnToWrite(hook, delivery, outcome);
      // Erased while it was under way: nothing is left to write to.
      if (this.#open !== hook) return;
      const isFormerTarget = hook.assignment.registration.config.url !== url;
      const counted = isFormerTarget ? ofFormerTarget(outcome) : outcome;
      if (settleFirstTry(this.clock, hook, delivery, counted, report, nowMs)) return;
      this.#commit(() => {
        settleAttempt(this.#sql, this.clock, hook, delivery, counted, report, nowMs);
      });
    } catch (error) {
      // Before it is released, or it would go out again at once.
      wake.isOver = true;
      throw error;
    } finally {
      hook.queue.release(delivery);
    }
  }

  /**
   * Outcomes are written down in the order in which they came in: how the hook fares depends on it. A success says
   * nothing that others have to wait for, but the disk does: another one leaves before, and what arrives within a few
   * milliseconds is written down together. A crash in them sends it again, so not where one at a time was asked for:
   * there a crash repeats one.
   */
  #turnToWrite(
    { queue, health, assignment }: OpenHook,
    delivery: Delivery,
    outcome: Outcome,
  ): Promise<unknown> {
    const { concurrency } = assignment.registration.config;
    const mayWait = outcome.kind === 'delivered' && delivery.lane !== FIFO_LANE && isHealthy(health);
    if (concurrency === 1 || !mayWait) return this.#outcomes.join(1);
    queue.answered(delivery);
    this.#nudge?.();
    return this.#outcomes.join(concurrency);
  }

  /** Tells the tenant's event log the next thing that this hook has to say of itself, one at a time. */
  #tellNext(hook: OpenHook, wake: Wake): void {
    if (wake.telling !== null || wake.failure !== undefined) return;
    if (hook.notices.dueMs() > this.clock.nowMs()) return;
    const log = eventLogOf(this.env, hook.assignment.ref);
    const announce = async (notice: Notice) => {
      try {
        await withDeadline(log.announce(notice), LOG_DEADLINE_MS);
      } catch (error) {
        // Of an erased tenant there is nobody left to tell.
        if (!isTenantGone(error)) throw error;
      }
    };
    // Where it cannot be written down that one was told, deliveries go on.
    wake.telling = hook.notices
      .tellNext(announce, this.clock.nowMs)
      .catch((error: unknown) => {
        wake.failure = asError(error);
      })
      .finally(() => {
        wake.telling = null;
        this.#nudge?.();
      });
  }

  /** Ends some of what has been held for too long. */
  #expire(): void {
    const nowMs = this.clock.nowMs();
    if (this.#open === null || expiryDueMs(this.#open, this.#heldMs()) > nowMs) return;
    this.#commit((hook) => {
      const isDone = expire(this.#sql, hook, this.#heldMs(), EXPIRED_AT_ONCE, nowMs);
      const oldestMs = isDone ? hook.queue.deliveries.oldestPendingAtMs() : null;
      if (isDone) hook.expiryFromMs = Math.max(nowMs + EXPIRY_LOOK_MS, (oldestMs ?? 0) + this.#heldMs());
    });
  }

  /** With settings that are wrong nothing expires. */
  #heldMs(): number {
    const reading = settingsOf(this.env);
    return reading.ok ? reading.settings.heldDays * DAY_MS : Infinity;
  }

  /**
   * Starts what the queue says is due, if it may, and sets the alarm. During a wake there is no need: it looks again
   * before it ends.
   */
  #arm(mayStart = true): void {
    if (this.#isAwake) this.#nudge?.();
    const hook = this.#open;
    if (hook === null || this.#isAwake) return;
    const nowMs = this.clock.nowMs();
    const workDueMs = Math.min(nextStartMs(hook, nowMs), nextStepMs(hook, this.queueLimits));
    const dueMs = Math.min(
      Math.max(workDueMs, hook.pausedUntilMs),
      hook.notices.dueMs(),
      expiryDueMs(hook, this.#heldMs()),
    );
    if (dueMs === Infinity) return;
    const isStarted = mayStart && this.isEager && this.#failures === 0 && dueMs <= nowMs;
    this.#alarm.by(isStarted ? nowMs + SAFETY_NET_MS : Math.max(dueMs, nowMs + backOffMs(this.#failures)));
    if (isStarted) this.#start();
  }

  #opened(): OpenHook {
    if (this.#open === null) throw new Error('hook: expected to be configured');
    if (this.#isStale) this.#reread(this.#open);
    return this.#open;
  }

  /** All that `work` writes, or nothing: when it fails memory goes back to what is on disk. */
  #commit<T>(work: (hook: OpenHook) => T): T {
    const hook = this.#opened();
    try {
      return this.ctx.storage.transactionSync(() => work(hook));
    } catch (error) {
      this.#isStale = true;
      this.#reread(hook);
      throw error;
    }
  }

  #reread(hook: OpenHook): void {
    Object.assign(hook, readOpenHook(this.#sql, this.clock.nowMs(), hook.queue.claims));
    this.#isStale = false;
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

const STATES = [...PENDING_STATES, 'delivered', 'dead', 'cancelled', 'skipped'] as const;
