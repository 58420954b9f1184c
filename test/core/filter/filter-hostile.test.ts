/** Filters and events made to cost time, stack or memory: each ends within its bound, and alike each time. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventJson } from '../../../src/core/filter/event-json.ts';
import { readFilters, type Filters } from '../../../src/core/filter/filter.ts';

function filters(value: readonly unknown[]): Filters {
  const reading = readFilters(value);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return reading.filters;
}

const body = (raw: string) => new EventJson(`{"type":"a","data":{"raw":${raw}}}`);
const matchRaw = (pattern: unknown) => [{ match: { data: { raw: pattern } } }];

/** Far above what one evaluation takes here, far below what an unbounded one would. */
const BOUND_MS = 2_000;

function timed(value: readonly unknown[], event: EventJson): { clause: string | null; ms: number } {
  const read = filters(value);
  const started = performance.now();
  const clause = read.failing(event);
  return { clause, ms: performance.now() - started };
}

describe('what would take very long is failed at the expression that took it', () => {
  const numbers = `[${Array.from({ length: 300_000 }, (_, at) => at).join(',')}]`;
  const letters = JSON.stringify('a'.repeat(1_500_000));

  test.each<[string, readonly unknown[], string]>([
    [
      'a thousand operators over a long array',
      matchRaw({ $or: Array.from({ length: 1_000 }, () => ({ $lt: 0 })) }),
      numbers,
    ],
    ['lists within arrays', matchRaw({ $in: Array.from({ length: 2_000 }, (_, at) => -at - 1) }), numbers],
    [
      'arrays that ask for all',
      matchRaw(Array.from({ length: 2_000 }, (_, at) => at + 299_000 - (at % 1_000))),
      numbers,
    ],
    ['large regular expressions on a long text', matchRaw({ $regex: '(a?){400}b' }), letters],
    [
      'many texts searched for in a long one',
      matchRaw({ $and: Array.from({ length: 500 }, () => ({ $not: { $contains: 'ab' } })) }),
      letters,
    ],
    [
      'a long number',
      matchRaw({ $or: Array.from({ length: 500 }, () => ({ $gt: '1e999' })) }),
      `[${`${'9'.repeat(700)},`.repeat(2_000)}1]`,
    ],
  ])('%s', (_name, value, raw) => {
    const first = timed(value, body(raw));
    expect(first.ms).toBeLessThan(BOUND_MS);
    expect(first.clause).toBe('/filters/0');
    expect(timed(value, body(raw)).clause).toBe('/filters/0');
  });

  test('also where its opposite would pass', () => {
    const value = [{ not: matchRaw({ $regex: '(a?){400}b' })[0] }];
    expect(timed(value, body(letters)).clause).toBe('/filters/0');
  });

  test('what stands before it is still told', () => {
    const value = [{ exact: { type: 'b' } }, ...matchRaw({ $regex: '(a?){400}b' })];
    expect(timed(value, body(letters)).clause).toBe('/filters/0/exact/type');
  });
});

test('twenty ordinary filters on an event of 1.5 MB are within the bound', () => {
  const rows = Array.from({ length: 15_000 }, (_, at) => ({ sku: `sku-${at}`, n: at, note: 'x'.repeat(60) }));
  const twenty = Array.from({ length: 20 }, () => matchRaw({ sku: 'sku-14999' })[0]);
  expect(timed(twenty, body(JSON.stringify(rows))).clause).toBeNull();
});

test.each([
  ['arrays', '['.repeat(10_000) + ']'.repeat(10_000), { $gt: 1 }],
  ['objects', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000), { a: { a: { a: 1 } } }],
  ['arrays compared with an array', '['.repeat(10_000) + ']'.repeat(10_000), { $eq: [[[1]]] }],
])('%s 10,000 levels deep do not overflow the stack', (_name, raw, pattern) => {
  const { clause, ms } = timed(matchRaw(pattern), body(raw));
  expect(clause).not.toBeNull();
  expect(ms).toBeLessThan(BOUND_MS);
});

describe('for any event and any pattern', () => {
  const scalar = fc.oneof(
    fc.constantFrom('a', 'b', '', 'ab', null, true, false),
    fc.integer({ min: -2, max: 2 }),
  );
  const json: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      scalar,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
    ),
  })).value;
  const pattern: fc.Arbitrary<unknown> = fc.letrec<{ pattern: unknown }>((tie) => ({
    pattern: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      scalar,
      fc.array(tie('pattern'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('pattern'), { maxKeys: 2 }),
      fc.record({ $in: fc.array(scalar, { maxLength: 3 }) }),
      fc.record({ $eq: json }),
      fc.record({ $gte: fc.constantFrom(0, 'a') }),
      fc.record({ $exist: fc.boolean() }),
      fc.record({ $not: tie('pattern') }),
      fc.record({ $or: fc.array(tie('pattern'), { minLength: 1, maxLength: 2 }) }),
      fc.record({ $and: fc.array(tie('pattern'), { minLength: 1, maxLength: 2 }) }),
    ),
  })).pattern;
  const passes = (value: readonly unknown[], text: string) =>
    filters(value).failing(new EventJson(text)) === null;
  const event = (raw: unknown) => JSON.stringify({ a: raw, b: { a: raw } });

  test('`not` and `$not` turn the answer round', () => {
    fc.assert(
      fc.property(json, pattern, (raw, asked) => {
        const text = event(raw);
        const plain = passes([{ match: { a: asked } }], text);
        expect(passes([{ not: { match: { a: asked } } }], text)).toBe(!plain);
        expect(passes([{ match: { a: { $not: asked } } }], text)).toBe(!plain);
        expect(passes([{ match: { $not: { a: asked } } }], text)).toBe(!plain);
      }),
      { numRuns: 2_000 },
    );
  });

  test('`$and` of one, `$or` of one and `all` of one say nothing new', () => {
    fc.assert(
      fc.property(json, pattern, (raw, asked) => {
        const text = event(raw);
        const plain = passes([{ match: { a: asked } }], text);
        expect(passes([{ match: { a: { $and: [asked] } } }], text)).toBe(plain);
        expect(passes([{ match: { a: { $or: [asked] } } }], text)).toBe(plain);
        expect(passes([{ all: [{ any: [{ match: { a: asked } }] }] }], text)).toBe(plain);
      }),
      { numRuns: 2_000 },
    );
  });

  test('white space and what stands beside do not matter, and a clause names a place of the filter', () => {
    fc.assert(
      fc.property(json, pattern, (raw, asked) => {
        const value = [{ match: { a: asked } }];
        const plain = filters(value).failing(new EventJson(event(raw)));
        const spaced = JSON.stringify({ z: [1, { a: 2 }], a: raw, y: 'a' }, null, ' \n\t');
        expect(filters(value).failing(new EventJson(spaced))).toBe(plain);
        if (plain === null) return;
        let place: unknown = { filters: value };
        for (const token of plain.split('/').slice(1)) place = (place as Record<string, unknown>)[token];
        expect(place).not.toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  test('an event equals itself', () => {
    fc.assert(
      fc.property(json, (raw) => {
        expect(passes([{ match: { a: { $eq: raw } } }], event(raw))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test('no JSON value at all breaks the reading of filters', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const reading = readFilters(value);
        if (reading.ok) expect(reading.filters.failing(new EventJson(event(1)))).toBeNull();
        else expect(reading.problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 2_000 },
    );
  });
});
