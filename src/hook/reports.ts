/**
 * What the tenant's event log takes this hook for, so that lists need not ask its object. The answer of `enqueue` says how
 * the hook will stand once all has arrived; only where it turns out otherwise does the hook report, at most once a minute.
 * A retry that fails again is no news: as long as something is pending or wrong, lists ask (event-log/hook-views.ts).
 * After a restart nobody knows what was told but in the last report, so the next wake tells what is otherwise.
 */
import { isHealthy } from '../core/health.ts';
import { holdReason, type OpenHook } from './open-hook.ts';
import { waitingOf } from './waiting.ts';
import { deliveredOf, diedOf, isAtRest, isFailingNow, runtimeOf, type HookRuntime } from './runtime.ts';

/** How a hook stands, in the order of these numbers: what comes in late may be told from what is newer. */
export interface HookStanding extends HookRuntime {
  readonly number: number;
  /** Deliveries that have died, also those that were sent again since. */
  readonly died: number;
}

/** With what a list takes to be answered, no summary is older than a minute. */
const REPORT_EVERY_MS = 50_000;
/** What is under way so long is worth a report. */
const SETTLED_WITHIN_MS = 5_000;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 60_000;

export class Reports {
  /** The figures that the log assumes, under the number that it was told them; null: nobody knows. */
  #assumed: { readonly figures: string; readonly number: number; readonly isAtRest: boolean } | null = null;
  #number = 0;
  #reportedMs = -Infinity;
  #otherwiseSinceMs: number | null = null;
  #failures = 0;
  #retryAtMs = -Infinity;
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** In another life of the object: what was reported in the last one holds if the hook has not changed since. */
  restore(hook: OpenHook): void {
    const { reported } = this.#sql.exec<{ reported: string | null }>('SELECT reported FROM health').one();
    const now = figuresNow(hook);
    if (reported === null || reported !== keptFigures(hook, now)) return;
    const atRest = isAtRest(now);
    this.#assumed = { figures: figuresOf(now, atRest), number: 0, isAtRest: atRest };
  }

  /** How the hook stands now. `isRough`: as far as a few rows tell, however long its queue is. */
  standing(hook: OpenHook, nowMs: number, isRough = false): HookStanding {
    this.#number = Math.max(this.#number + 1, nowMs);
    return { ...runtimeOf(hook, nowMs, isRough), number: this.#number, died: diedOf(hook) };
  }

  /** The same for the log, whose call is repeated until it has been answered. */
  told(hook: OpenHook, nowMs: number): HookStanding {
    const standing = this.standing(hook, nowMs, true);
    this.#assume(standing);
    return standing;
  }

  /** How the hook will stand when all that is pending has arrived, where nothing speaks against it; else as it does. */
  foreseen(hook: OpenHook, nowMs: number): HookStanding {
    const { queue, health } = hook;
    const waiting = waitingOf(hook, nowMs);
    const isFree = waiting === null || waiting.reason === 'rate-limit';
    const isPlain = queue.pending > 0 && isHealthy(health) && isFree;
    if (!isPlain) return this.told(hook, nowMs);
    const delivered = queue.lastSequence - health.dead - health.cancelled;
    const standing: HookStanding = {
      ...NOTHING_PENDING,
      number: (this.#number = Math.max(this.#number + 1, nowMs)),
      delivered,
      dead: health.dead,
      died: diedOf(hook),
      lastSuccessAtMs: nowMs,
      lastFailureAtMs: health.lastFailureAtMs,
      lastError: health.lastError,
      lastAnswer: health.lastAnswer,
      calls: delivered + health.extraSuccesses + health.errors,
      errors: health.errors,
    };
    this.#assume(standing);
    return standing;
  }

  /**
   * When a report is due; Infinity: none is. `isAtRest`: nothing is under way that would change it.
   */
  dueMs(hook: OpenHook, nowMs: number, isAtRest = false): number {
    if (hook.assignment.registration.deletedAtMs !== null) return Infinity;
    // A clock that was set back makes no wait longer.
    const reportedMs = Math.min(this.#reportedMs, nowMs);
    const retryAtMs = Math.min(this.#retryAtMs, nowMs + RETRY_MAX_MS);
    if (this.#assumed === null) {
      return isAtRest || this.#failures > 0 ? Math.max(reportedMs + REPORT_EVERY_MS, retryAtMs) : Infinity;
    }
    if (this.#assumed.figures === figuresOf(figuresNow(hook), this.#assumed.isAtRest)) {
      this.#otherwiseSinceMs = null;
      return Infinity;
    }
    const sinceMs = Math.min(this.#otherwiseSinceMs ?? nowMs, nowMs);
    this.#otherwiseSinceMs = sinceMs;
    return Math.max(isAtRest ? nowMs : sinceMs + SETTLED_WITHIN_MS, reportedMs + REPORT_EVERY_MS, retryAtMs);
  }

  /** Never rejects: what is not taken is due again later. */
  async report(
    hook: OpenHook,
    send: (standing: HookStanding) => Promise<void>,
    clock: () => number,
  ): Promise<void> {
    let standing: HookStanding;
    let kept: string;
    try {
      // Where storage fails it cannot be read either: due at once again, the wake would do nothing else.
      standing = this.standing(hook, clock(), true);
      kept = keptFigures(hook, standing);
      await send(standing);
    } catch (error) {
      this.#failures += 1;
      this.#retryAtMs = clock() + Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** (this.#failures - 1));
      const { id: hookId } = hook.assignment.registration;
      console.warn('report not taken', { hookId, error: String(error) });
      return;
    }
    this.#failures = 0;
    this.#retryAtMs = -Infinity;
    this.#reportedMs = clock();
    this.#assume(standing);
    this.#keep(hook, kept);
  }

  /** For the next life of the object; where it cannot be written that one reports once more. */
  #keep(hook: OpenHook, figures: string): void {
    try {
      this.#sql.exec('UPDATE health SET reported = ?', figures);
    } catch (error) {
      const { id: hookId } = hook.assignment.registration;
      console.warn('report not noted', { hookId, error: String(error) });
    }
  }

  #assume(standing: HookStanding): void {
    const { number } = standing;
    if (this.#assumed !== null && this.#assumed.number > number) return;
    const atRest = isAtRest(standing);
    this.#assumed = { figures: figuresOf(standing, atRest), number, isAtRest: atRest };
    this.#otherwiseSinceMs = null;
  }
}

const NOTHING_PENDING = {
  state: 'active',
  stateReason: null,
  isFailing: false,
  pending: 0,
  retrying: 0,
  waiting: null,
  consecutiveFailures: 0,
  oldestPendingAtMs: null,
} as const;

/** What a report is about; times alone are none. */
type Figures = Pick<
  HookRuntime,
  'state' | 'stateReason' | 'isFailing' | 'pending' | 'delivered' | 'dead' | 'errors' | 'consecutiveFailures'
>;

/** `isWhole`: of a hook that nobody asks, as it is taken to be at rest. */
function figuresOf(hook: Figures, isWhole: boolean): string {
  const { state, stateReason, isFailing, pending, delivered, dead, errors, consecutiveFailures } = hook;
  const failures = isWhole ? [errors, consecutiveFailures] : [consecutiveFailures > 0];
  return [state, stateReason, isFailing, pending, delivered, dead, ...failures].join();
}

/** With the number of all that ever came in, as the log may have been told otherwise with each. */
function keptFigures({ queue }: OpenHook, figures: Figures): string {
  return `${figuresOf(figures, isAtRest(figures))},${queue.lastSequence}`;
}

/** Out of memory alone: it is asked for at every attempt. */
function figuresNow(hook: OpenHook): Figures {
  const { health, queue, assignment } = hook;
  const { dead, errors, consecutiveFailures, disabledReason } = health;
  const isPaused = assignment.registration.config.paused;
  return {
    state: disabledReason !== null ? 'disabled' : isPaused ? 'paused' : 'active',
    stateReason: holdReason(hook),
    isFailing: isFailingNow(hook),
    pending: queue.pending - queue.sentAgain,
    delivered: deliveredOf(hook),
    dead,
    errors,
    consecutiveFailures,
  };
}
