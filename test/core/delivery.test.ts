import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settle } from '../../src/core/delivery.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { DEFAULT_RETRY_POLICY } from '../../src/core/schedule.ts';

const NOW_MS = 1_000_000;
const policy = { ...DEFAULT_RETRY_POLICY, scheduleSeconds: [10, 100], jitter: 0 };
const failed: Outcome = {
  kind: 'failed',
  statusCode: 500,
  error: 'status',
  about: 'receiver',
  retryAfter: null,
};

test('B2: N steps are N+1 attempts', () => {
  const first = settle({ attempts: 0, steps: 0 }, failed, policy, NOW_MS, 0);
  expect(first).toEqual({ state: 'retrying', retryAtMs: NOW_MS + 10_000, attempts: 1, steps: 1 });
  const second = settle(first, failed, policy, NOW_MS, 0);
  expect(second).toEqual({ state: 'retrying', retryAtMs: NOW_MS + 100_000, attempts: 2, steps: 2 });
  const third = settle(second, failed, policy, NOW_MS, 0);
  expect(third).toEqual({ state: 'dead', reason: 'exhausted', attempts: 3, steps: 2 });
});

describe('B12: an attempt besides the schedule', () => {
  test.each([
    [0, 10_000],
    [1, 10_000],
    [2, 100_000],
  ])('with %d steps used uses none, and the last one begins anew', (steps, delayMs) => {
    expect(settle({ attempts: 9, steps }, failed, policy, NOW_MS, 0, true)).toEqual({
      state: 'retrying',
      retryAtMs: NOW_MS + delayMs,
      attempts: 10,
      steps,
    });
  });

  test('where the schedule has no step it is the last one', () => {
    const none = { ...policy, scheduleSeconds: [] };
    expect(settle({ attempts: 1, steps: 0 }, failed, none, NOW_MS, 0, true)).toMatchObject({ state: 'dead' });
  });
});

test('every outcome counts one attempt, and only a scheduled failure uses a step', () => {
  const outcomes: Outcome[] = [
    failed,
    { kind: 'delivered', statusCode: 200 },
    { kind: 'gone', statusCode: 410, error: 'status' },
    { kind: 'gave-up', statusCode: 400, error: 'status' },
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...outcomes),
      fc.nat(30),
      fc.nat(4),
      fc.boolean(),
      (outcome, attempts, steps, isExtra) => {
        const after = settle({ attempts, steps }, outcome, policy, NOW_MS, 0.5, isExtra);
        expect(after.attempts).toBe(attempts + 1);
        expect(after.steps - steps).toBe(after.state === 'retrying' && !isExtra ? 1 : 0);
      },
    ),
  );
});
