/**
 * What the tenant's event log takes this hook for, so that lists need not ask its object. The answer of `enqueue` says how
 * the hook will stand once all has arrived; only where it turns out otherwise does the hook report, at most once a minute.
 * After a restart nobody knows what was told, so the next wake tells.
 */
import { isHealthy } from '../core/health.ts';
import { holdReason, type OpenHook } from './open-hook.ts';
import { waitingOf } from './waiting.ts';
import { deliveredOf, diedOf, runtimeOf, type HookRuntime } from './runtime.ts';

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
  #assumed: { readonly figures: string; readonly number: number } | null = null;
  #number = 0;
  #reportedMs = -Infinity;
  #otherwiseSinceMs: number | null = null;
  #failures = 0;
  #retryAtMs = -Infinity;

  /** How the hook stands now. `isRough`: as far as a few rows tell, however long its queue is. */
  standing(hook: OpenHook, nowMs: number, isRough = false): HookStanding {
    this.#number = Math.max(this.#number + 1, nowMs);
    return { ...runtimeOf(hook, nowMs, isRough), number: this.#number, died: diedOf(hook) };
  }

  /** The same for the log, whose call is repeated until it has been answered. */
  told(hook: OpenHook, nowMs: number): HookStanding {
    const standing = this.standing(hook, nowMs, true);
    this.#assume(figuresOf(standing), standing.number);
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
    this.#assume(figuresOf(standing), standing.number);
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
    if (this.#assumed.figures === figuresNow(hook)) {
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
    try {
      // Where storage fails it cannot be read either: due at once again, the wake would do nothing else.
      standing = this.standing(hook, clock(), true);
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
    this.#assume(figuresOf(standing), standing.number);
  }

  #assume(figures: string, number: number): void {
    if (this.#assumed !== null && this.#assumed.number > number) return;
    this.#assumed = { figures, number };
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
  'state' | 'stateReason' | 'pending' | 'delivered' | 'dead' | 'errors' | 'consecutiveFailures'
>;

function figuresOf(hook: Figures): string {
  const { state, stateReason, pending, delivered, dead, errors, consecutiveFailures } = hook;
  return [state, stateReason, pending, delivered, dead, errors, consecutiveFailures].join();
}

/** Out of memory alone: it is asked for at every attempt. */
function figuresNow(hook: OpenHook): string {
  const { health, queue, assignment } = hook;
  const { dead, errors, consecutiveFailures, disabledReason } = health;
  const isPaused = assignment.registration.config.paused;
  return figuresOf({
    state: disabledReason !== null ? 'disabled' : isPaused ? 'paused' : 'active',
    stateReason: holdReason(hook),
    pending: queue.pending - queue.sentAgain,
    delivered: deliveredOf(hook),
    dead,
    errors,
    consecutiveFailures,
  });
}
