/** When a failed delivery is tried again. Knows neither clock nor dice: both are the caller's. */

/** A hook's `retry` member. */
export interface RetryPolicy {
  /** Waits between attempts, up to 20 steps of 1 to 604800 s. N steps are N + 1 attempts. */
  readonly scheduleSeconds: readonly number[];
  /** 0 to 0.5: the share of a step by which it may be stretched. */
  readonly jitter: number;
  /** 1 to 30: how long one attempt may take. */
  readonly timeoutSeconds: number;
  /** Statuses on which a delivery goes dead at once. */
  readonly giveUpOn: readonly number[];
  /** How long every attempt must have failed before the hook is disabled. */
  readonly disableAfterSeconds: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  scheduleSeconds: [5, 30, 300, 900, 1800, 3600, 7200, ...Array<number>(13).fill(21_600)],
  jitter: 0.1,
  timeoutSeconds: 15,
  giveUpOn: [],
  disableAfterSeconds: 432_000,
};

/**
 * How long to wait after a failure, in whole milliseconds; null when the schedule is used up.
 * Jitter only stretches, from the step to step × (1 + jitter): a receiver never sees an attempt earlier than
 * its schedule says.
 * @param stepsUsed retries already scheduled for this delivery; 0 after its first failure
 * @param dice in [0, 1), thrown anew for each call
 */
export function retryDelayMs(policy: RetryPolicy, stepsUsed: number, dice: number): number | null {
  const stepSeconds = policy.scheduleSeconds[stepsUsed];
  if (stepSeconds === undefined) return null;
  return Math.floor(stepSeconds * 1000 * (1 + policy.jitter * dice));
}
