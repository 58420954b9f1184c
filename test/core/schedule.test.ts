import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_RETRY_POLICY, retryDelayMs, type RetryPolicy } from '../../src/core/schedule.ts';

const policies: fc.Arbitrary<RetryPolicy> = fc.record({
  scheduleSeconds: fc.array(fc.integer({ min: 1, max: 604_800 }), { maxLength: 20 }),
  jitter: fc.double({ min: 0, max: 0.5, noNaN: true }),
  timeoutSeconds: fc.integer({ min: 1, max: 30 }),
  giveUpOn: fc.constant([]),
  disableAfterSeconds: fc.constant(432_000),
});
const dice = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('the default schedule has 20 steps over three and a half days', () => {
  const { scheduleSeconds } = DEFAULT_RETRY_POLICY;
  expect(scheduleSeconds).toHaveLength(20);
  expect(scheduleSeconds.slice(0, 8)).toEqual([5, 30, 300, 900, 1800, 3600, 7200, 21_600]);
  expect(new Set(scheduleSeconds.slice(7))).toEqual(new Set([21_600]));
  expect(scheduleSeconds.reduce((sum, seconds) => sum + seconds, 0)).toBe(294_635);
});

test('a delay lies within [step, step × (1 + jitter)] and is whole milliseconds', () => {
  fc.assert(
    fc.property(policies, dice, (policy, die) => {
      policy.scheduleSeconds.forEach((seconds, stepsUsed) => {
        const delayMs = retryDelayMs(policy, stepsUsed, die) ?? NaN;
        expect(Number.isInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(seconds * 1000);
        expect(delayMs).toBeLessThanOrEqual(seconds * 1000 * (1 + policy.jitter));
      });
    }),
  );
});

test('N steps give N delays, then none', () => {
  fc.assert(
    fc.property(policies, dice, fc.nat(40), (policy, die, stepsUsed) => {
      const isUsedUp = stepsUsed >= policy.scheduleSeconds.length;
      expect(retryDelayMs(policy, stepsUsed, die) === null).toBe(isUsedUp);
    }),
  );
});

test('two deliveries with different dice wait differently', () => {
  expect(retryDelayMs(DEFAULT_RETRY_POLICY, 0, 0)).toBe(5000);
  expect(retryDelayMs(DEFAULT_RETRY_POLICY, 0, 0.5)).toBe(5250);
  expect(retryDelayMs(DEFAULT_RETRY_POLICY, 0, 0.9999)).toBe(5499);
});

test('without jitter the dice change nothing', () => {
  const policy = { ...DEFAULT_RETRY_POLICY, jitter: 0 };
  expect(retryDelayMs(policy, 1, 0.999)).toBe(30_000);
});
