import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyBucket, nextTokenMs, withoutToken, type RateLimit } from '../../src/core/rate-limit.ts';

const START_MS = Date.UTC(2100, 0, 1);

/** When attempts start that take whatever token they get; `evictions` empty the bucket. */
function startsOf(
  rate: RateLimit,
  steps: readonly { readonly waitMs: number; readonly isEvicted: boolean }[],
): number[] {
  const starts: number[] = [];
  let bucket = -Infinity;
  let nowMs = START_MS;
  for (const { waitMs, isEvicted } of steps) {
    nowMs += waitMs;
    if (isEvicted) bucket = emptyBucket(rate, nowMs);
    while (nextTokenMs(bucket, rate, nowMs) <= nowMs) {
      bucket = withoutToken(bucket, rate, nowMs);
      starts.push(nowMs);
    }
  }
  return starts;
}

const perSecond = fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 10 }));

test('in no second do more than perSecond attempts start, however often the object is loaded anew', () => {
  const step = fc.record({
    waitMs: fc.oneof(
      { weight: 8, arbitrary: fc.nat(3) },
      { weight: 2, arbitrary: fc.nat(200) },
      { weight: 1, arbitrary: fc.nat(3000) },
    ),
    isEvicted: fc.integer({ min: 0, max: 30 }).map((dice) => dice === 0),
  });
  fc.assert(
    fc.property(perSecond, fc.array(step, { minLength: 20, maxLength: 600, size: 'max' }), (limit, steps) => {
      const starts = startsOf({ perSecond: limit }, steps);
      starts.forEach((startMs, at) => {
        const next = starts[at + limit];
        if (next !== undefined) expect(next - startMs).toBeGreaterThanOrEqual(1000);
      });
    }),
    { seed: 20_260_101, numRuns: 100 },
  );
}, 30_000);

test.each([1, 2, 7, 100, 333, 1000])('%d a second: over a minute at least 95 %% of them start', (limit) => {
  const steps = Array.from({ length: 60_000 }, () => ({ waitMs: 1, isEvicted: false }));
  const count = startsOf({ perSecond: limit }, steps).length;
  expect(count).toBeGreaterThanOrEqual(Math.floor(60 * limit * 0.95));
  expect(count).toBeLessThanOrEqual(60 * limit);
});

test('a wake that comes 40 ms late loses nothing', () => {
  const late = Array.from({ length: 1500 }, () => ({ waitMs: 40, isEvicted: false }));
  expect(startsOf({ perSecond: 100 }, late).length).toBeGreaterThanOrEqual(60 * 95);
});

test('the time it names is the time: an attempt starts then and not a millisecond before', () => {
  fc.assert(
    fc.property(perSecond, fc.nat(1000), (limit, waitMs) => {
      const rate = { perSecond: limit };
      const nowMs = START_MS + waitMs;
      let bucket = -Infinity;
      while (nextTokenMs(bucket, rate, nowMs) <= nowMs) bucket = withoutToken(bucket, rate, nowMs);
      const atMs = nextTokenMs(bucket, rate, nowMs);
      expect(Number.isInteger(atMs)).toBe(true);
      expect(nextTokenMs(bucket, rate, atMs)).toBeLessThanOrEqual(atMs);
      expect(nextTokenMs(bucket, rate, atMs - 1)).toBe(atMs);
    }),
  );
});

test('a clock set back, or a limit that was raised, holds nothing back longer than an empty bucket', () => {
  const slow = { perSecond: 1 };
  const fast = { perSecond: 100 };
  const bucket = emptyBucket(slow, START_MS);
  expect(nextTokenMs(bucket, slow, START_MS - 3_600_000)).toBe(START_MS - 3_600_000 + 1050);
  expect(nextTokenMs(bucket, fast, START_MS)).toBe(START_MS + 11);
});

test('without a limit nothing waits', () => {
  expect(nextTokenMs(emptyBucket(null, START_MS), null, START_MS)).toBe(-Infinity);
  expect(withoutToken(-Infinity, null, START_MS)).toBe(-Infinity);
});
