import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oneMore, type MinuteCount } from '../../src/core/minute-count.ts';

const MINUTE_MS = 60_000;
const START_MS = 1_000 * MINUTE_MS;

/** Which of the calls at these times are let through. */
function letThrough(times: readonly number[], most: number): number[] {
  let count: MinuteCount | undefined;
  return times.filter((atMs) => {
    const next = oneMore(count, most, atMs);
    count = next ?? count;
    return next !== null;
  });
}

describe('calls within a minute', () => {
  test('as many as there may be, and not one more', () => {
    expect(letThrough(Array<number>(5).fill(START_MS), 3)).toHaveLength(3);
  });

  test('two minutes later there may be as many again', () => {
    const later = START_MS + 2 * MINUTE_MS;
    expect(letThrough([START_MS, START_MS, START_MS, later, later, later], 2)).toHaveLength(4);
  });

  test('who was refused and waits for a minute is let through', () => {
    for (const offsetMs of [1, 20_000, 59_999]) {
      const atMs = START_MS + offsetMs;
      expect(letThrough([...Array<number>(6).fill(atMs), atMs + MINUTE_MS], 5)).toHaveLength(6);
    }
  });

  test('at the turn of a minute nobody gets twice as much', () => {
    const before = Array<number>(10).fill(START_MS + MINUTE_MS - 1);
    const after = Array<number>(10).fill(START_MS + MINUTE_MS);
    expect(letThrough([...before, ...after], 10)).toHaveLength(10);
  });

  test('refused ones do not count: who goes on asking is let through again', () => {
    const times = Array.from({ length: 240 }, (_, second) => START_MS + second * 1_000);
    expect(letThrough(times, 10).length).toBeGreaterThanOrEqual(35);
  });

  test('never more than twice the bound within any sixty seconds, however they come', () => {
    const offsets = fc.array(fc.integer({ min: 0, max: 5 * MINUTE_MS }), { maxLength: 300 });
    fc.assert(
      fc.property(offsets, fc.integer({ min: 1, max: 20 }), (unsorted, most) => {
        const times = letThrough(
          unsorted.toSorted((a, b) => a - b).map((offset) => START_MS + offset),
          most,
        );
        for (const from of times) {
          const within = times.filter((atMs) => atMs >= from && atMs < from + MINUTE_MS);
          expect(within.length).toBeLessThanOrEqual(2 * most);
        }
      }),
    );
  });

  test('a clock that was set back lets calls through', () => {
    expect(letThrough([START_MS, START_MS, START_MS - 10 * MINUTE_MS], 2)).toHaveLength(3);
  });
});
