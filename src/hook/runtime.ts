/** How a hook stands, as the API tells it beside its registration: its state, its counts, its last failure. */
import type { Reason } from '../core/delivery.ts';
import type { WaitReason } from '../core/health.ts';
import type { HookConfig } from '../core/hook-config.ts';
import { isListener } from '../core/listener.ts';
import { lastSuccessOf, type OpenHook } from './open-hook.ts';
import { waitingOf, type Waiting } from './waiting.ts';

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

export function runtimeOf(hook: OpenHook, nowMs: number): HookRuntime {
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
    waiting: waitingOf(hook, nowMs),
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

/** Of a hook that has just been made; its object says the same. */
export function runtimeOfNew(config: HookConfig): HookRuntime {
  const { paused } = config;
  const stopped = paused ? 'paused' : isListener(config) ? 'no-listener' : null;
  return {
    state: paused ? 'paused' : 'active',
    stateReason: paused ? 'paused' : null,
    pending: 0,
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
