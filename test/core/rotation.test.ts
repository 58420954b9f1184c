import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isInForce, rotated } from '../../src/core/rotation.ts';

const NEWEST = { text: 'new', untilMs: null };

test('A4: the newest stands in front and has no end; the one before it ends with the overlap, to the millisecond', () => {
  const [newest, former, ...rest] = rotated([{ text: 'old', untilMs: null }], NEWEST, 1000, 5000);
  expect(newest).toEqual(NEWEST);
  expect(former).toEqual({ text: 'old', untilMs: 6000 });
  expect(rest).toEqual([]);
  expect(isInForce({ untilMs: 6000 }, 5999)).toBe(true);
  expect(isInForce({ untilMs: 6000 }, 6000)).toBe(false);
});

test('A4: an overlap of 0 leaves the newest alone', () => {
  expect(rotated([{ text: 'old', untilMs: null }], NEWEST, 0, 5000)).toEqual([NEWEST]);
});

test('a rotation ends those before it no later than they would have ended, drops what is over, and keeps their order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ id: fc.nat(), untilMs: fc.nat(10_000) }), { maxLength: 5 }),
      fc.nat(10_000),
      fc.nat(10_000),
      (formers, overlapMs, nowMs) => {
        const present = [{ id: -1, untilMs: null }, ...formers];
        const [, ...after] = rotated<{ id: number; untilMs: number | null }>(
          present,
          { id: -2, untilMs: null },
          overlapMs,
          nowMs,
        );
        const left = present.filter(
          ({ untilMs }) => Math.min(untilMs ?? Infinity, nowMs + overlapMs) > nowMs,
        );
        expect(after.map(({ id }) => id)).toEqual(left.map(({ id }) => id));
        for (const [at, { untilMs }] of after.entries()) {
          expect(untilMs).toBe(Math.min(left[at]?.untilMs ?? Infinity, nowMs + overlapMs));
        }
      },
    ),
  );
});
