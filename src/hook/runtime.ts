/** How a hook stands, as the API tells it beside its registration: its state, its counts, its last failure. */
import type { Reason } from '../core/delivery.ts';
import { isNoticed, isProbed, type WaitReason } from '../core/health.ts';
import type { HookConfig } from '../core/hook-config.ts';
import { isListener } from '../core/listener.ts';
import { holdReason, lastSuccessOf, type OpenHook } from './open-hook.ts';
import { waitingOf, type Waiting } from './waiting.ts';

/** In a rough look; SQLite takes -1 for no limit. */
const RETRIES_COUNTED = 20;

export interface HookRuntime {
  readonly state: 'active' | 'paused' | 'disabled';
  readonly stateReason: Reason | null;
  /** It is active, and five attempts in a row have failed, or nothing has arrived since an outage. */
  readonly isFailing: boolean;
  readonly pending: number;
  /** Of those pending, those that have failed and wait for their next attempt; in a report counted up to 20. */
  readonly retrying: number;
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

/** `isRough`: out of a few rows, however long the queue is. */
export function runtimeOf(hook: OpenHook, nowMs: number, isRough = false): HookRuntime {
  const { health, queue, assignment } = hook;
  const pending = queue.pending - queue.sentAgain;
  const isDisabled = health.disabledReason !== null;
  const isPaused = assignment.registration.config.paused;
  const delivered = deliveredOf(hook);
  return {
    state: isDisabled ? 'disabled' : isPaused ? 'paused' : 'active',
    stateReason: holdReason(hook),
    isFailing: isFailingNow(hook),
    pending,
    retrying: queue.pending === 0 ? 0 : queue.deliveries.countRetrying(isRough ? RETRIES_COUNTED : -1),
    delivered,
    dead: health.dead,
    waiting: waitingOf(hook, nowMs),
    consecutiveFailures: health.consecutiveFailures,
    oldestPendingAtMs: isRough ? queue.deliveries.oldPendingAtMs() : queue.deliveries.oldestPendingAtMs(),
    lastSuccessAtMs: lastSuccessOf(hook, isRough),
    lastFailureAtMs: health.lastFailureAtMs,
    lastError: health.lastError,
    lastAnswer: health.lastAnswer,
    // Successes are not counted as they come, which would cost each of them a row.
    calls: delivered + health.extraSuccesses + health.errors,
    errors: health.errors,
  };
}

/** Out of memory alone. */
export function isFailingNow({ health, assignment }: OpenHook): boolean {
  const isHeld = health.disabledReason !== null || assignment.registration.config.paused;
  return !isHeld && (isNoticed(health) || isProbed(health));
}

/** Nothing of it is pending or wrong: it does not change by itself. */
export function isAtRest({
  pending,
  isFailing,
  state,
}: Pick<HookRuntime, 'pending' | 'isFailing' | 'state'>): boolean {
  return pending === 0 && !isFailing && state !== 'disabled';
}

/** Those that have arrived once, whatever has become of them since. */
export function deliveredOf({ health, queue }: OpenHook): number {
  return queue.lastSequence - (queue.pending - queue.sentAgain) - health.dead - health.cancelled;
}

export function diedOf({ health }: OpenHook): number {
  return health.dead + health.revived;
}

/** Of a hook that has just been made; its object says the same. */
export function runtimeOfNew(config: HookConfig): HookRuntime {
  const { paused } = config;
  const stopped = paused ? 'paused' : isListener(config) ? 'no-listener' : null;
  return {
    state: paused ? 'paused' : 'active',
    stateReason: paused ? 'paused' : null,
    isFailing: false,
    pending: 0,
    retrying: 0,
    delivered: 0,
    dead: 0,
    waiting: stopped && { reason: stopped, untilMs: null },
    consecutiveFailures: 0,
    oldestPendingAtMs: null,
    lastSuccessAtMs: null,
    lastFailureAtMs: null,
    lastError: null,
    lastAnswer: null,
    calls: 0,
    errors: 0,
  };
}
