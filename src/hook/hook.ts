/**
 * Hook: one object per hook. Holds its queue and delivers it, one attempt at a time, from its alarm; the alarm is
 * derived from the queue. It decides nothing about which events it gets: the event log does.
 */
import { DurableObject } from 'cloudflare:workers';
import { settle, type DeliveryStatus, type Reason } from '../core/delivery.ts';
import { outcomeOf, type AttemptResult, type Outcome } from '../core/outcome.ts';
import { checkTarget } from '../core/target.ts';
import type { Env } from '../env.ts';
import type { StoredEvent } from '../event-log/event-store.ts';
import type { HookRegistration } from '../event-log/hooks.ts';
import type { TenantRef } from '../registry/address.ts';
import { settingsOf } from '../settings.ts';
import { Alarm } from '../storage/alarm.ts';
import { isOpened, migrate } from '../storage/migrate.ts';
import { switchesNow } from '../switchboard/switches.ts';
import { VERSION } from '../version.ts';
import { attempt, type AttemptReport } from './attempt.ts';
import { canBeSent, messageOf, type MessageEvent } from './message.ts';
import { readHealth, writeHealth, type Health } from './health.ts';
import {
  PENDING_STATES,
  Queue,
  statusOf,
  type AttemptRecord,
  type Delivery,
  type DeliveryRecord,
} from './queue.ts';
import { HOOK_MIGRATIONS } from './schema.ts';
import { testEvent } from './test-event.ts';

/** A wake has 15 minutes of wall time; it ends long before and goes on in the next. */
const ATTEMPTS_PER_WAKE = 500;
const WAKE_MS = 5 * 60_000;
const FAILURE_RETRY_MAX_MS = 60_000;
/** While the operator has paused delivery, the switch is looked at this often. */
const PAUSED_LOOK_MS = 20_000;
const QUEUE_LIMITS = { deliveries: 100_000, bytes: 1_000_000_000 };

export interface HookRuntime {
  readonly state: 'active' | 'paused' | 'disabled';
  readonly stateReason: Reason | null;
  readonly pending: number;
  readonly delivered: number;
  readonly dead: number;
  readonly consecutiveFailures: number;
  readonly oldestPendingAtMs: number | null;
  readonly lastSuccessAtMs: number | null;
  readonly lastFailureAtMs: number | null;
  readonly lastError: string | null;
}

export interface DeliveryView extends DeliveryRecord {
  readonly status: DeliveryStatus;
}

export interface TestResult {
  readonly delivered: boolean;
  readonly statusCode: number | null;
  readonly durationMs: number;
  readonly error: string | null;
}

interface Assignment {
  readonly ref: TenantRef;
  readonly registration: HookRegistration;
}

/** Everything of a hook that has been configured, read from storage when the object wakes. */
interface OpenHook {
  assignment: Assignment;
  readonly queue: Queue;
  health: Health;
}

export class Hook extends DurableObject<Env> {
  /** Milliseconds of the Unix epoch, and dice in [0, 1). Own members, so that they cannot be reached over RPC. */
  readonly clock = {
    nowMs: () => Date.now(),
    dice: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
  };
  readonly queueLimits = { ...QUEUE_LIMITS };

  readonly #sql: SqlStorage;
  readonly #alarm: Alarm;
  #open: OpenHook | null = null;
  #isAwake = false;
  #failures = 0;
  /** Delivery was found paused by the operator: until then nobody looks again. */
  #pausedUntilMs = -Infinity;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#alarm = new Alarm(ctx.storage);
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.load();
      if (!isOpened(this.#sql)) return;
      migrate(ctx.storage, HOOK_MIGRATIONS);
      this.#open = this.#read();
      this.#arm();
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
      this.#open = this.#read();
      return;
    }
    const hook = this.#open;
    const before = hook.assignment.registration;
    if (registration.version <= before.version) return;
    this.#sql.exec('UPDATE assignment SET registration = ?', JSON.stringify(registration));
    hook.assignment = { ref: hook.assignment.ref, registration };
    if (registration.deletedAtMs !== null) {
      const cancelled = hook.queue.cancelAll('deleted', this.clock.nowMs());
      hook.health = writeHealth(this.#sql, { ...hook.health, cancelled: hook.health.cancelled + cancelled });
    } else if (registration.config.ordering !== before.config.ordering) {
      hook.queue.reorder(registration.config.ordering);
    }
    this.#arm();
  }

  /** Takes events into the queue, in the order of the log. What it has already taken it takes without effect. */
  enqueue(events: readonly StoredEvent[]): void {
    const hook = this.#open;
    if (hook === null) throw new Error('hook: expected to be configured before it gets events');
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

  /** Re-enables the hook if it was disabled and clears its failure count. */
  enable(): HookRuntime {
    const hook = this.#opened();
    hook.health = writeHealth(this.#sql, { ...hook.health, disabledReason: null, consecutiveFailures: 0 });
    this.#arm();
    return this.runtime();
  }

  runtime(): HookRuntime {
    const { health, queue, assignment } = this.#opened();
    const { pending } = queue;
    const isDisabled = health.disabledReason !== null;
    const isPaused = assignment.registration.config.paused;
    const firstTry = queue.lastDeliveredAtMs;
    return {
      state: isDisabled ? 'disabled' : isPaused ? 'paused' : 'active',
      stateReason: isDisabled ? health.disabledReason : isPaused ? 'paused' : null,
      pending,
      delivered: queue.lastSequence - pending - health.dead - health.cancelled,
      dead: health.dead,
      consecutiveFailures: health.consecutiveFailures,
      oldestPendingAtMs: queue.oldestPendingAtMs(),
      lastSuccessAtMs:
        firstTry === null ? health.lastSuccessAtMs : Math.max(firstTry, health.lastSuccessAtMs ?? 0),
      lastFailureAtMs: health.lastFailureAtMs,
      lastError: health.lastError,
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
      crypto.getRandomValues(new Uint8Array(5)),
      crypto.randomUUID(),
    );
    const { outcome, report } = await this.#send(hook, event, 1, null, nowMs);
    return {
      delivered: outcome?.kind === 'delivered',
      statusCode: outcome?.statusCode ?? null,
      durationMs: report.durationMs,
      error: outcome === null || outcome.kind === 'delivered' ? null : outcome.error,
    };
  }

  /** What became of the event at this place of the log; null: it never came here. */
  statusOf(seq: number): { status: DeliveryStatus; attempts: number; reason: Reason | null } | null {
    const found = this.delivery(seq);
    return found && { status: found.status, attempts: found.attempts, reason: found.reason };
  }

  delivery(seq: number): DeliveryView | null {
    const hook = this.#open;
    const record = hook?.queue.find(seq) ?? null;
    return hook === null || record === null ? null : view(hook, record);
  }

  /** Newest first. `status` null: any. */
  deliveries(status: DeliveryStatus | null, beforeSeq: number | null, limit: number): DeliveryView[] {
    const hook = this.#open;
    if (hook === null) return [];
    const isHeld = holdReason(hook) !== null;
    const states = STATES.filter((state) => status === null || statusOf(state, isHeld) === status);
    if (states.length === 0) return [];
    return hook.queue.list(states, beforeSeq, limit).map((record) => view(hook, record));
  }

  /** Leaves nothing behind: no row, no alarm. */
  async erase(): Promise<void> {
    this.#open = null;
    this.#alarm.fired();
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  /** Never throws: what failed stays in the queue, and the alarm is derived from there again. */
  override async alarm(): Promise<void> {
    this.#alarm.fired();
    // The wake that is under way looks again before it ends.
    if (this.#isAwake) return;
    this.#isAwake = true;
    try {
      await this.#drain();
      this.#isAwake = false;
      this.#failures = 0;
      this.#arm();
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
      if (this.#open !== null) this.#alarm.by(this.clock.nowMs() + this.#backOffMs());
    }
  }

  /** Delivers what is due, one after the other, until nothing is or this wake has done its part. */
  async #drain(): Promise<void> {
    const endMs = this.clock.nowMs() + WAKE_MS;
    for (let attempts = 0; attempts < ATTEMPTS_PER_WAKE; attempts += 1) {
      if ((await switchesNow(this.env)).delivery === 'paused') {
        this.#pausedUntilMs = this.clock.nowMs() + PAUSED_LOOK_MS;
        return;
      }
      const hook = this.#open;
      const nowMs = this.clock.nowMs();
      if (hook === null || !mayAttempt(hook) || nowMs > endMs) return;
      const delivery = hook.queue.next(nowMs);
      if (delivery === null) return;
      if (!canBeSent(delivery, hook.assignment.registration.config.format)) {
        this.#bury(hook, delivery, nowMs);
        continue;
      }
      const { url } = hook.assignment.registration.config;
      const { outcome, report } = await this.#send(
        hook,
        delivery,
        delivery.attempts + 1,
        delivery.sequence,
        nowMs,
      );
      if (outcome === null) {
        // The next wake has a quota of its own; one that was used up from the start needs time.
        if (attempts === 0) throw new Error('expected an attempt to go out, got the platform refusing it');
        return;
      }
      // Erased while it was under way: nothing is left to write to.
      if (this.#open !== hook) return;
      const isFormerTarget = hook.assignment.registration.config.url !== url;
      this.#settle(hook, delivery, isFormerTarget ? ofFormerTarget(outcome) : outcome, report, nowMs);
    }
  }

  /** The hook took the event when it had another format: in today's it cannot be said. */
  #bury(hook: OpenHook, delivery: Delivery, nowMs: number): void {
    hook.queue.bury(delivery, 'format', nowMs);
    hook.health = writeHealth(this.#sql, { ...hook.health, dead: hook.health.dead + 1 });
  }

  /** Outcome null: the platform let nothing out, which is no attempt. */
  async #send(
    hook: OpenHook,
    event: MessageEvent,
    attemptNumber: number,
    sequence: number | null,
    nowMs: number,
  ): Promise<{ outcome: Outcome | null; report: AttemptReport }> {
    const { ref, registration } = hook.assignment;
    const { config } = registration;
    const reading = settingsOf(this.env);
    if (!reading.ok) throw new Error(`settings: ${reading.problems.map(({ name }) => name).join(', ')}`);
    const { targetPolicy, ownHosts } = reading.settings;
    const target = checkTarget(config.url, targetPolicy, [...ownHosts, registration.relayHost]);
    if (!target.ok) {
      const result: AttemptResult = { kind: 'failed', error: 'target-refused' };
      return { outcome: outcomeOf(result, []), report: { result, responseExcerpt: null, durationMs: 0 } };
    }
    const message = messageOf(event, {
      tenant: ref.tenant,
      hookId: registration.id,
      config,
      secrets: [registration.secret],
      attempt: attemptNumber,
      sequence,
      timestampSeconds: Math.floor(nowMs / 1000),
      userAgent: `Posthorn/${VERSION}`,
    });
    const report = await attempt(target.url, message, config.retry.timeoutSeconds * 1000, this.clock.nowMs);
    const { result } = report;
    return { outcome: result.kind === 'quota' ? null : outcomeOf(result, config.retry.giveUpOn), report };
  }

  #settle(
    hook: OpenHook,
    delivery: Delivery,
    outcome: Outcome,
    report: AttemptReport,
    startedAtMs: number,
  ): void {
    const nowMs = this.clock.nowMs();
    const { retry } = hook.assignment.registration.config;
    const settlement = settle(delivery, outcome, retry, nowMs, this.clock.dice());
    const record: AttemptRecord = {
      number: settlement.attempts,
      at: new Date(startedAtMs).toISOString(),
      durationMs: report.durationMs,
      outcome: outcome.kind,
      statusCode: outcome.statusCode,
      error: outcome.kind === 'delivered' ? null : outcome.error,
      responseExcerpt: report.responseExcerpt,
    };
    const isCurrent = hook.queue.settle(delivery, settlement, record, nowMs);
    const { health } = hook;
    if (outcome.kind === 'delivered') {
      // A success at the first try of a healthy hook is told by its own row.
      if (health.consecutiveFailures === 0 && delivery.attempts === 0) return;
      hook.health = writeHealth(this.#sql, { ...health, consecutiveFailures: 0, lastSuccessAtMs: nowMs });
      return;
    }
    hook.health = writeHealth(this.#sql, {
      ...health,
      disabledReason: outcome.kind === 'gone' ? 'gone' : health.disabledReason,
      consecutiveFailures: health.consecutiveFailures + 1,
      lastFailureAtMs: nowMs,
      lastError: outcome.error,
      dead: health.dead + (isCurrent && settlement.state === 'dead' ? 1 : 0),
    });
  }

  /** Sets the alarm by what the queue says. During a wake there is no need: it looks again before it ends. */
  #arm(): void {
    const hook = this.#open;
    if (hook === null || this.#isAwake || !mayAttempt(hook)) return;
    const nowMs = this.clock.nowMs();
    const dueMs = hook.queue.dueMs(nowMs);
    if (dueMs === Infinity) return;
    this.#alarm.by(Math.max(dueMs, this.#pausedUntilMs, nowMs + this.#backOffMs()));
  }

  #backOffMs(): number {
    return this.#failures === 0 ? 0 : Math.min(FAILURE_RETRY_MAX_MS, 500 * 2 ** this.#failures);
  }

  #opened(): OpenHook {
    if (this.#open === null) throw new Error('hook: expected to be configured');
    return this.#open;
  }

  #read(): OpenHook {
    const row = this.#sql
      .exec<{
        tenant: string;
        incarnation: string;
        jurisdiction: TenantRef['jurisdiction'];
        registration: string;
      }>('SELECT * FROM assignment')
      .one();
    const { tenant, incarnation, jurisdiction } = row;
    return {
      assignment: {
        ref: { tenant, incarnation, jurisdiction },
        registration: JSON.parse(row.registration) as HookRegistration,
      },
      queue: new Queue(this.#sql),
      health: readHealth(this.#sql),
    };
  }
}

const STATES = [...PENDING_STATES, 'delivered', 'dead', 'cancelled', 'skipped'] as const;

/** That a URL is gone says nothing of the one that has taken its place meanwhile. */
function ofFormerTarget(outcome: Outcome): Outcome {
  return outcome.kind === 'gone' ? { ...outcome, kind: 'failed', retryAfter: null } : outcome;
}

function mayAttempt(hook: OpenHook): boolean {
  return hook.assignment.registration.deletedAtMs === null && holdReason(hook) === null;
}

function holdReason({ health, assignment }: OpenHook): Reason | null {
  if (health.disabledReason !== null) return health.disabledReason === 'gone' ? 'gone' : 'disabled';
  return assignment.registration.config.paused ? 'paused' : null;
}

function view(hook: OpenHook, record: DeliveryRecord): DeliveryView {
  const held = holdReason(hook);
  const status = statusOf(record.state, held !== null);
  return { ...record, status, reason: status === 'held' ? held : record.reason };
}
