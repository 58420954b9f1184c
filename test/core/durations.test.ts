import { expect, test } from 'vitest';
import { Durations } from '../../src/core/durations.ts';

function of(...ms: readonly number[]): Durations {
  const durations = new Durations();
  for (const one of ms) durations.add(one);
  return durations;
}

test('nothing has no percentile', () => {
  expect(new Durations().percentile(0.5)).toBeNull();
});

test.each([0, 1, 15, 16, 17, 31, 32, 100, 999, 1000, 15_000, 60_000, 3_600_000])(
  '%d ms is told within 6 %%',
  (ms) => {
    const told = of(ms).percentile(0.5) ?? NaN;
    expect(Math.abs(told - ms)).toBeLessThanOrEqual(ms < 16 ? 0 : ms * 0.0625);
  },
);

test('the median of a hundred is the fiftieth, the 95th percentile the ninety-fifth', () => {
  const durations = of(
    ...Array.from({ length: 50 }, () => 3),
    ...Array.from({ length: 44 }, () => 5),
    9,
    9,
    9,
    9,
    9,
    9,
  );
  expect([durations.percentile(0.5), durations.percentile(0.51), durations.percentile(0.95)]).toEqual([
    3, 5, 9,
  ]);
});

test('what was kept as JSON adds up with what came since', () => {
  const kept = JSON.parse(JSON.stringify(of(3, 3, 700))) as Record<string, number>;
  const all = Durations.of(kept);
  all.addAll(of(3));
  expect(all.total).toBe(4);
  expect(all.toJSON()).toEqual(of(3, 3, 3, 700).toJSON());
});

test('a clock that was set back makes no negative duration', () => {
  expect(of(-5).percentile(0.5)).toBe(0);
});
