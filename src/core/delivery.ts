/**
 * What an attempt's outcome does to its delivery and to its hook. Pure: the clock and the dice are arguments.
 * Sends nothing, stores nothing.
 */
import type { Outcome } from './outcome.ts';
import { retryDelayMs, type RetryPolicy } from './schedule.ts';

export const REASONS = [
  'pattern',
  'source',
  'filter',
  'format',
  'template',
  'created-later',
  'deleted',
  'paused',
  'disabled',
  'gone',
  'exhausted',
  'gave-up',
  'cancelled',
  'expired',
  'queue-full',
] as const;
export type Reason = (typeof REASONS)[number];

export const DELIVERY_STATUSES = ['pending', 'delivered', 'dead', 'held', 'cancelled', 'skipped'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/**
 * Where a delivery stands in its hook's queue.
 * ready: goes out as soon as its turn comes · waiting: behind an earlier one of its lane ·
 * retrying: failed, due at `retryAt` · the rest has ended.
 */
export type DeliveryState = 'ready' | 'waiting' | 'retrying' | 'delivered' | 'dead' | 'cancelled' | 'skipped';

export interface Progress {
  /** Attempts made so far. */
  readonly attempts: number;
  /** Steps of the retry schedule used so far. */
  readonly steps: number;
}

export type Settlement = Progress &
  (
    | { readonly state: 'delivered' }
    | { readonly state: 'dead'; readonly reason: 'exhausted' | 'gave-up' }
    | { readonly state: 'retrying'; readonly retryAtMs: number }
    /** Back in the queue of a hook that has just been disabled. */
    | { readonly state: 'ready'; readonly disable: 'gone' }
  );

/** `dice` is in [0, 1). `isExtra`: sent besides the schedule, which uses no step: the last one begins anew. */
export function settle(
  progress: Progress,
  outcome: Outcome,
  policy: RetryPolicy,
  nowMs: number,
  dice: number,
  isExtra = false,
): Settlement {
  const { steps } = progress;
  const attempts = progress.attempts + 1;
  switch (outcome.kind) {
    case 'delivered':
      return { state: 'delivered', attempts, steps };
    case 'gone':
      return { state: 'ready', disable: 'gone', attempts, steps };
    case 'gave-up':
      return { state: 'dead', reason: 'gave-up', attempts, steps };
    case 'failed': {
      const step = isExtra ? Math.max(0, steps - 1) : steps;
      const delayMs = retryDelayMs(policy, step, dice);
      if (delayMs === null) return { state: 'dead', reason: 'exhausted', attempts, steps };
      return { state: 'retrying', retryAtMs: nowMs + delayMs, attempts, steps: isExtra ? steps : steps + 1 };
    }
  }
}
