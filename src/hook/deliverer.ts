/**
 * One wake of a hook: delivers what is due, up to `concurrency` attempts side by side, and tells beside it what there is to
 * tell. What comes in meanwhile is seen at once. It sets no alarm: the object derives that once the wake is over.
 */
import { isHealthy } from '../core/health.ts';
import { FIFO_LANE } from '../core/lane.ts';
import type { Outcome } from '../core/outcome.ts';
import type { HookEnv } from './env.ts';
import { pace, type Work } from '../pace.ts';
import { eventLogOf, isTenantGone } from '../registry/address.ts';
import { withDeadline } from '../storage/deadline.ts';
import { GroupCommit } from '../storage/group-commit.ts';
import { nextLookMs } from '../switchboard/switch-state.ts';
import { switchesNow } from '../switchboard/switches.ts';
import type { Delivery } from './delivery-row.ts';
import { heedClock } from './clock-steps.ts';
import { destinationOf } from './destination.ts';
import type { QueueLimits } from './enqueuing.ts';
import type { HookMemory } from './hook-memory.ts';
import type { Notice } from './notices.ts';
import type { Listening } from './listening.ts';
import { holdReason, nextStartMs, take, tokenMs, type Clock, type OpenHook } from './open-hook.ts';
import { QUICK_MS } from './passing.ts';
import type { Recorder } from './recorder.ts';
import { nextStepMs } from './replay-step.ts';
import type { HookStanding } from './reports.ts';
import { send } from './send.ts';
import { deadLetter, ofFormerTarget } from './settlement.ts';
import { traced } from './trace.ts';

/** A wake has 15 minutes of wall time; it ends long before and goes on in the next. */
const ATTEMPTS_PER_WAKE = 500;
const WAKE_MS = 5 * 60_000;
/** What the rate limit holds back no longer than this is waited for in the wake: an alarm costs a row and may be late. */
const LINGER_MS = 50;
/** The deliveries of this hook wait for no event log that hangs. */
export const LOG_DEADLINE_MS = 10_000;

/** The object whose wake it is. */
export interface DelivererHost {
  env(): HookEnv;
  readonly clock: Clock;
  readonly memory: HookMemory;
  readonly recorder: Recorder;
  readonly listening: Listening;
  readonly queueLimits: QueueLimits;
  /** Does the next step of the hook's replay. */
  replayStep(hook: OpenHook): Promise<void>;
}

/** One run of the alarm. */
interface Wake {
  readonly work: Work;
  /** That went out and came to something. */
  attempts: number;
  /** Nothing more starts in it. */
  isOver: boolean;
  /** What is being told to the tenant's event log; null: nothing is. */
  telling: Promise<void> | null;
  /** What was thrown: a bug or failing storage, never the receiver. */
  failure?: Error;
}

export class Deliverer {
  readonly #host: DelivererHost;
  readonly #clock: Clock;
  readonly #memory: HookMemory;
  readonly #outcomes = new GroupCommit();
  /** Makes a wake that waits for its attempts look again. */
  #wakeUp: (() => void) | null = null;

  constructor(host: DelivererHost) {
    this.#host = host;
    this.#clock = host.clock;
    this.#memory = host.memory;
  }

  /** Something has changed: a wake that waits looks again. */
  nudge(): void {
    this.#wakeUp?.();
  }

  /**
   * Delivers what is due, up to the hook's `concurrency` attempts side by side, until nothing is or this wake has done
   * its part. What comes in or falls due meanwhile is seen at once, and what there is to tell is told beside it.
   */
  async drain(work: Work): Promise<void> {
    let endMs = this.#clock.nowMs() + WAKE_MS;
    const begun = new Set<Promise<void>>();
    const wake: Wake = { work, attempts: 0, isOver: false, telling: null };
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
          this.nudge();
        });
      begun.add(tracked);
    };
    try {
      for (;;) {
        const switches = await switchesNow(this.#host.env());
        const isPaused = switches.delivery === 'paused';
        const hook = this.#memory.open;
        const nowMs = this.#clock.nowMs();
        heedClock(this.#memory, nowMs);
        endMs = Math.min(endMs, nowMs + WAKE_MS);
        wake.isOver ||= nowMs > endMs || wake.attempts >= ATTEMPTS_PER_WAKE;
        if (hook === null || wake.isOver) {
          if (underWay().length === 0) break;
          await this.#somethingHappens(Infinity);
          continue;
        }
        if (isPaused) hook.pausedUntilMs = nextLookMs(switches, nowMs);
        this.#tellNext(hook, wake);
        const isReady = this.#host.recorder.isReady(
          hook,
          () => !isPaused && nextStartMs(hook, nowMs) <= nowMs,
        );
        const mayStart = isReady && !isPaused;
        if (mayStart && nextStepMs(hook, this.#host.queueLimits) <= nowMs) begin(this.#host.replayStep(hook));
        const delivery = mayStart ? take(hook, nowMs) : null;
        if (delivery !== null) {
          begin(this.#deliver(hook, delivery, wake));
          hasLingered = false;
          continue;
        }
        const isIdle = underWay().length === 0;
        const isLimited = mayStart && tokenMs(hook, nowMs) > nowMs;
        const dueInMs = mayStart ? nextStartMs(hook, nowMs) - nowMs : Infinity;
        if (isIdle && (hasLingered || !isLimited || dueInMs > LINGER_MS)) {
          // The wake ends with it. What comes in until then has the alarm, as after any wake.
          this.#report(hook, wake, true);
          break;
        }
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
      this.#wakeUp = resolve;
      if (dueInMs !== Infinity) timer = setTimeout(resolve, Math.max(0, dueInMs));
    });
    this.#wakeUp = null;
    if (timer !== undefined) clearTimeout(timer);
  }

  /** One attempt of one delivery, from its claim to its record. */
  async #deliver(hook: OpenHook, delivery: Delivery, wake: Wake): Promise<void> {
    const { registration } = hook.assignment;
    const { url } = registration.config;
    let isReleased = true;
    try {
      const destination = await destinationOf(this.#host.env(), hook, delivery);
      // Who changed, paused or deleted the hook meanwhile was told that nothing starts by older rules.
      const mayLeave = () =>
        this.#memory.open === hook &&
        hook.assignment.registration === registration &&
        holdReason(hook) === null &&
        !hook.queue.expunged.has(delivery.seq);
      if (!mayLeave()) return;
      const nowMs = this.#clock.nowMs();
      const attempt = delivery.attempts + 1;
      const isOver = traced(this.#host.env(), hook, delivery);
      const sent = await send(
        this.#host.env(),
        this.#clock,
        hook,
        delivery,
        destination,
        delivery,
        attempt,
        nowMs,
        async () => (await switchesNow(this.#host.env())).delivery === 'open' && mayLeave(),
      ).finally(() => {
        pace.attempted(wake.work, this.#clock.nowMs());
        isOver();
      });
      if (sent.kind === 'unsendable') {
        this.#memory.commit(() => {
          deadLetter(this.#memory.sql, hook, delivery, sent, nowMs);
        });
        return;
      }
      if (sent.kind === 'withheld') return;
      if (sent.kind === 'message') {
        if (!this.#host.listening.handOver(hook, delivery, sent.message, nowMs)) return;
        wake.attempts += 1;
        // It stays under way until it is answered; nobody waits for that here.
        isReleased = false;
        return;
      }
      if (sent.kind === 'quota') {
        wake.isOver = true;
        // The next wake has a quota of its own; one that was used up from the start needs time.
        if (wake.attempts === 0)
          throw new Error('expected an attempt to go out, got the platform refusing it');
        return;
      }
      wake.attempts += 1;
      const { outcome, report } = sent;
      hook.isQuick = report.durationMs <= QUICK_MS;
      await this.#turnToWrite(hook, delivery, outcome);
      // Erased while it was under way: nothing is left to write to.
      if (this.#memory.open !== hook) return;
      const isFormerTarget = hook.assignment.registration.config.url !== url;
      const counted = isFormerTarget ? ofFormerTarget(outcome) : outcome;
      isReleased = this.#host.recorder.record({
        delivery,
        outcome: counted,
        report,
        startedAtMs: nowMs,
        isFormerTarget,
      });
    } catch (error) {
      // Before it is released, or it would go out again at once.
      wake.isOver = true;
      throw error;
    } finally {
      if (isReleased) hook.queue.release(delivery);
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
    this.nudge();
    return this.#outcomes.join(concurrency);
  }

  /** Tells the tenant's event log the next thing that this hook has to say of itself, one at a time. */
  #tellNext(hook: OpenHook, wake: Wake): void {
    if (wake.telling !== null || wake.failure !== undefined) return;
    if (hook.notices.dueMs() > this.#clock.nowMs()) {
      this.#report(hook, wake, false);
      return;
    }
    const log = eventLogOf(this.#host.env(), hook.assignment.ref);
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
      .tellNext(announce, this.#clock.nowMs)
      .catch((error: unknown) => {
        wake.failure = asError(error);
      })
      .finally(() => {
        wake.telling = null;
        this.nudge();
      });
  }

  /** Reports how the hook stands, if that is due. */
  #report(hook: OpenHook, wake: Wake, isAtRest: boolean): void {
    if (wake.telling !== null || wake.failure !== undefined) return;
    const { reports } = this.#memory;
    const nowMs = this.#clock.nowMs();
    if (reports.dueMs(hook, nowMs, isAtRest) > nowMs) return;
    const { ref, registration } = hook.assignment;
    const log = eventLogOf(this.#host.env(), ref);
    const send = (standing: HookStanding): Promise<void> =>
      withDeadline(log.report(registration.id, standing), LOG_DEADLINE_MS);
    wake.telling = reports.report(hook, send, this.#clock.nowMs).finally(() => {
      wake.telling = null;
      this.nudge();
    });
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
