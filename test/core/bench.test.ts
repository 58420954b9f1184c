import { describe, expect, it } from 'vitest';
import { figure, holds, interleaved, quantile, ratios } from '../../bench/measure.ts';
import { asJson } from '../../bench/report.ts';

describe('measuring', () => {
  it('runs the sides in turn, the first time unrecorded', async () => {
    const order: string[] = [];
    const side = (name: string) => () => Promise.resolve(order.push(name));
    const results = await interleaved(3, { a: side('a'), b: side('b') });
    expect(order.join('')).toBe('abbaabba');
    expect(results).toEqual({ a: [4, 5, 8], b: [3, 6, 7] });
  });

  it('gives the middle of the rounds, whatever one of them was', () => {
    expect(figure('x', 'ms', [1, 2, 3, 4, 1000]).value).toBe(3);
    expect(ratios([2, 9], [1, 3])).toEqual([2, 3]);
  });

  it('has quantiles that no smaller value satisfies', () => {
    const values = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect([0.5, 0.95, 0.99, 1].map((part) => quantile(values, part))).toEqual([100, 190, 198, 200]);
  });

  it('lets a figure at its bound pass, and none that is no number', () => {
    expect(holds(figure('x', 'times', [0.35], { atLeast: 0.35 }))).toBe(true);
    expect(holds(figure('x', 'times', [0.34], { atLeast: 0.35 }))).toBe(false);
    expect(holds(figure('x', 'ms', [10], { atMost: 10 }))).toBe(true);
    expect(holds(figure('x', 'ms', [10.1], { atMost: 10 }))).toBe(false);
    expect(holds(figure('x', 'ms', [], { atMost: 10 }))).toBe(false);
  });
});

describe('the report', () => {
  it('has each figure at its place, and says whether all hold', () => {
    const figures = [
      figure('fast.a.perSecond', 'a second', [123.456]),
      figure('fast.a.ratio', 'times', [0.5], { atLeast: 0.6 }),
    ];
    expect(asJson(figures)).toMatchObject({
      fast: { a: { perSecond: 123.5, ratio: 0.5 } },
      holds: false,
      checks: [
        { name: 'fast.a.perSecond', holds: null },
        { name: 'fast.a.ratio', mustReach: '≥ 0.6', holds: false, rounds: [0.5] },
      ],
    });
  });
});
