import { describe, expect, test } from 'vitest';
import { EventJson } from '../../../src/core/filter/event-json.ts';
import { readFilters } from '../../../src/core/filter/filter.ts';

const ENVELOPE = {
  specversion: '1.0',
  id: 'e-1',
  source: '/acme/main',
  type: 'acme.order.created',
  subject: 'order/17',
  time: '2026-05-04T03:02:01Z',
  sequence: '00000000000000000007',
  priority: 3,
  data: { provider: 'acme', raw: {} as unknown },
};

/** The clause that an event with this body fails; null: it passes. */
function clauseOf(filters: readonly unknown[], raw: unknown = {}): string | null {
  return clauseOfText(filters, JSON.stringify({ ...ENVELOPE, data: { ...ENVELOPE.data, raw } }));
}

function clauseOfText(filters: readonly unknown[], text: string): string | null {
  const reading = readFilters(filters);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return reading.filters.failing(new EventJson(text));
}

/** Of a pattern held against the provider's body. */
function matchRaw(pattern: unknown, raw: unknown): string | null {
  const clause = clauseOf([{ match: { data: { raw: pattern } } }], raw);
  return clause?.replace('/filters/0/match/data/raw', '…') ?? null;
}

describe('dialects of the CloudEvents Subscriptions API', () => {
  test.each<[string, unknown, string | null]>([
    ['exact', { exact: { type: 'acme.order.created' } }, null],
    ['exact, other case', { exact: { type: 'acme.Order.created' } }, '/exact/type'],
    [
      'exact, all must hold',
      { exact: { type: 'acme.order.created', subject: 'order/18' } },
      '/exact/subject',
    ],
    ['exact, of an absent attribute', { exact: { dataschema: 'x' } }, '/exact/dataschema'],
    ['exact, of an extension', { exact: { sequence: '00000000000000000007' } }, null],
    ['exact, of a number', { exact: { priority: '3' } }, null],
    ['prefix', { prefix: { type: 'acme.', source: '/acme' } }, null],
    ['prefix, not there', { prefix: { type: 'order' } }, '/prefix/type'],
    ['suffix', { suffix: { type: '.created' } }, null],
    ['suffix, not there', { suffix: { subject: '/18' } }, '/suffix/subject'],
    ['all', { all: [{ exact: { id: 'e-1' } }, { prefix: { type: 'acme' } }] }, null],
    [
      'all names the first that fails',
      { all: [{ exact: { id: 'e-1' } }, { exact: { id: 'x' } }] },
      '/all/1/exact/id',
    ],
    ['any', { any: [{ exact: { id: 'x' } }, { exact: { id: 'e-1' } }] }, null],
    ['any names itself', { any: [{ exact: { id: 'x' } }, { exact: { id: 'y' } }] }, '/any'],
    ['not', { not: { exact: { id: 'x' } } }, null],
    ['not names itself', { not: { exact: { id: 'e-1' } } }, '/not'],
    ['not of an absent attribute holds', { not: { exact: { dataschema: 'x' } } }, null],
    [
      'nested',
      { all: [{ not: { any: [{ suffix: { type: 'deleted' } }, { match: { data: { provider: 'x' } } }] } }] },
      null,
    ],
  ])('%s', (_name, expression, clause) => {
    expect(clauseOf([expression])).toBe(clause === null ? null : `/filters/0${clause}`);
  });

  test('all filters must hold, and the first that fails is named', () => {
    expect(clauseOf([{ prefix: { type: 'acme' } }, { exact: { id: 'x' } }, { exact: { id: 'y' } }])).toBe(
      '/filters/1/exact/id',
    );
    expect(clauseOf([])).toBeNull();
  });

  test('the payload is no attribute', () => {
    const text = '{"type":"a","data":"x"}';
    expect(clauseOfText([{ not: { exact: { type: 'x' } } }], text)).toBeNull();
    expect(readFilters([{ exact: { data: 'x' } }]).ok).toBe(false);
    expect(readFilters([{ exact: { data_base64: 'x' } }]).ok).toBe(false);
  });
});

describe('match: operators', () => {
  test.each<[string, unknown, unknown, string | null]>([
    ['plain text', { a: 'x' }, { a: 'x' }, null],
    ['plain text, other case', { a: 'X' }, { a: 'x' }, '…/a'],
    ['text is no number', { a: '1' }, { a: 1 }, '…/a'],
    ['number is no text', { a: 1 }, { a: '1' }, '…/a'],
    ['text with escapes', { a: 'ä"\\\n🎺' }, { a: 'ä"\\\n🎺' }, null],
    ['true', { a: true }, { a: true }, null],
    ['true is not false', { a: true }, { a: false }, '…/a'],
    ['null', { a: null }, { a: null }, null],
    ['null is not absent', { a: null }, {}, '…/a'],
    ['null is not false', { a: null }, { a: false }, '…/a'],
    ['members, all', { a: 1, b: 2 }, { a: 1, b: 3, c: 4 }, '…/b'],
    ['no members: any object', { a: {} }, { a: { b: 1 } }, null],
    ['no members: no object', { a: {} }, { a: 1 }, '…/a'],
    ['no members: absent', { a: {} }, {}, '…/a'],
    ['member of no object', { a: { b: 1 } }, { a: 'text' }, '…/a/b'],
    ['names with / and ~', { 'a/b~': 1 }, { 'a/b~': 2 }, '…/a~1b~0'],
    ['$eq', { a: { $eq: 2 } }, { a: 2 }, null],
    ['$eq, object in another order', { a: { $eq: { b: 1, c: [2] } } }, { a: { c: [2], b: 1 } }, null],
    ['$eq, object with one member more', { a: { $eq: { b: 1 } } }, { a: { b: 1, c: 2 } }, '…/a/$eq'],
    ['$neq', { a: { $neq: 2 } }, { a: 3 }, null],
    ['$neq, equal', { a: { $neq: 2 } }, { a: 2 }, '…/a/$neq'],
    ['$neq asks for a value', { a: { $neq: 2 } }, {}, '…/a/$neq'],
    ['$gt', { a: { $gt: 2 } }, { a: 2.5 }, null],
    ['$gt, equal', { a: { $gt: 2 } }, { a: 2 }, '…/a/$gt'],
    ['$gte, equal', { a: { $gte: 2 } }, { a: 2 }, null],
    ['$lt', { a: { $lt: 2 } }, { a: -7 }, null],
    ['$lte, above', { a: { $lte: 2 } }, { a: 3 }, '…/a/$lte'],
    ['both ends', { a: { $gt: 1, $lt: 3 } }, { a: 3 }, '…/a/$lt'],
    ['$gt of texts', { a: { $gt: 'b' } }, { a: 'c' }, null],
    ['$gte of times', { a: { $gte: '2026-01-01T00:00:00Z' } }, { a: '2026-02-01T00:00:00Z' }, null],
    ['$gte: a text is not compared with a number', { a: { $gte: 1 } }, { a: '5' }, '…/a/$gte'],
    ['$gte: a number is not compared with a text', { a: { $gte: '1' } }, { a: 5 }, '…/a/$gte'],
    ['$gte: nor null', { a: { $gte: 0 } }, { a: null }, '…/a/$gte'],
    ['$in', { a: { $in: ['x', 2, null, true] } }, { a: 2 }, null],
    ['$in, not there', { a: { $in: ['x', 2] } }, { a: '2' }, '…/a/$in'],
    ['$in a text', { a: { $in: 'or' } }, { a: 'order' }, null],
    ['$in a text, not there', { a: { $in: 'or' } }, { a: 'Order' }, '…/a/$in'],
    ['$nin', { a: { $nin: ['x'] } }, { a: 'y' }, null],
    ['$nin, there', { a: { $nin: ['x'] } }, { a: 'x' }, '…/a/$nin'],
    ['$nin a text', { a: { $nin: 'or' } }, { a: 'order' }, '…/a/$nin'],
    ['$startsWith', { a: { $startsWith: 'or' } }, { a: 'order' }, null],
    ['$startsWith, one of', { a: { $startsWith: ['x', 'or'] } }, { a: 'order' }, null],
    ['$startsWith, no text', { a: { $startsWith: '1' } }, { a: 12 }, '…/a/$startsWith'],
    ['$endsWith', { a: { $endsWith: 'er' } }, { a: 'order' }, null],
    ['$endsWith, none of', { a: { $endsWith: ['x', 'y'] } }, { a: 'order' }, '…/a/$endsWith'],
    ['$contains', { a: { $contains: 'rde' } }, { a: 'order' }, null],
    ['$contains, a number in an array', { a: { $contains: 2 } }, { a: [1, 2] }, null],
    ['$contains, a number in no array', { a: { $contains: 2 } }, { a: 2 }, '…/a/$contains'],
    ['$exist', { a: { $exist: true } }, { a: null }, null],
    ['$exist, absent', { a: { $exist: true } }, {}, '…/a/$exist'],
    ['$exist: false', { a: { $exist: false } }, {}, null],
    ['$exist: false, below what is absent', { a: { b: { $exist: false } } }, {}, null],
    ['$exist: false, there', { a: { $exist: false } }, { a: null }, '…/a/$exist'],
    ['$or', { a: { $or: ['x', { $gt: 5 }] } }, { a: 6 }, null],
    ['$or names itself', { a: { $or: ['x', { $gt: 5 }] } }, { a: 4 }, '…/a/$or'],
    ['$or of members', { $or: [{ a: 1 }, { b: 2 }] }, { b: 2 }, null],
    ['$or of absent', { a: { $or: [{ $exist: false }, 'x'] } }, {}, null],
    ['$and names the part', { a: { $and: [{ $gte: 1 }, { $lte: 3 }] } }, { a: 4 }, '…/a/$and/1/$lte'],
    ['$not', { a: { $not: { $in: ['x', 'y'] } } }, { a: 'z' }, null],
    ['$not names itself', { a: { $not: { $in: ['x', 'y'] } } }, { a: 'x' }, '…/a/$not'],
    ['$not of a member', { $not: { a: 'x' } }, { a: 'x' }, '…/$not'],
    ['$not of what is absent holds', { a: { $not: { $eq: 'x' } } }, {}, null],
    ['operators beside members', { a: { b: 1, $not: { c: 2 } } }, { a: { b: 1, c: 3 } }, null],
    ['$regex', { a: { $regex: '^o.*r$' } }, { a: 'order' }, null],
    ['$regex anywhere', { a: { $regex: 'rd' } }, { a: 'order' }, null],
    ['$regex, no text', { a: { $regex: '1' } }, { a: 1 }, '…/a/$regex'],
  ])('%s', (_name, pattern, raw, clause) => {
    expect(matchRaw(pattern, raw)).toBe(clause);
  });
});

describe('match: arrays', () => {
  test.each<[string, unknown, unknown, string | null]>([
    ['one element is equal', { t: 'b' }, { t: ['a', 'b'] }, null],
    ['none is', { t: 'c' }, { t: ['a', 'b'] }, '…/t'],
    ['no element', { t: 'c' }, { t: [] }, '…/t'],
    ['one satisfies the operator', { t: { $gte: 10 } }, { t: [1, 12] }, null],
    ['none does', { t: { $gte: 10 } }, { t: [1, 2] }, '…/t/$gte'],
    ['one and the same element', { t: { $gte: 10, $lte: 20 } }, { t: [5, 25] }, '…/t'],
    ['one object has the member', { t: { sku: 'x' } }, { t: [{ sku: 'y' }, { sku: 'x' }] }, null],
    [
      'one object has both',
      { t: { sku: 'x', n: 2 } },
      {
        t: [
          { sku: 'x', n: 1 },
          { sku: 'y', n: 2 },
        ],
      },
      '…/t',
    ],
    [
      'the same with $and',
      { t: { $and: [{ sku: 'x' }, { n: 2 }] } },
      {
        t: [
          { sku: 'x', n: 1 },
          { sku: 'y', n: 2 },
        ],
      },
      '…/t',
    ],
    [
      'the same with $or',
      { t: { $or: [{ sku: 'x' }, { sku: 'y' }], n: 3 } },
      {
        t: [
          { sku: 'x', n: 1 },
          { sku: 'z', n: 3 },
        ],
      },
      '…/t',
    ],
    ['arrays in arrays', { t: 'b' }, { t: [['a'], [['b']]] }, null],
    ['an array asks for all', { t: ['a', 'c'] }, { t: ['c', 'b', 'a'] }, null],
    ['one of them is missing', { t: ['a', 'd'] }, { t: ['c', 'b', 'a'] }, '…/t/1'],
    ['an array of patterns', { t: [{ n: { $gt: 1 } }, { n: 0 }] }, { t: [{ n: 0 }, { n: 2 }] }, null],
    ['an array is no scalar', { t: ['a'] }, { t: 'a' }, '…/t'],
    ['$eq of a whole array', { t: { $eq: ['a', 'b'] } }, { t: ['a', 'b'] }, null],
    ['$eq of a longer array', { t: { $eq: ['a', 'b'] } }, { t: ['a', 'b', 'c'] }, '…/t/$eq'],
    ['$eq of an array in the array', { t: { $eq: ['a'] } }, { t: [['a'], ['b']] }, null],
    ['$neq: none is', { t: { $neq: 'a' } }, { t: ['b', 'c'] }, null],
    ['$neq: one is', { t: { $neq: 'a' } }, { t: ['a', 'b'] }, '…/t/$neq'],
    ['$nin: none is', { t: { $nin: ['a'] } }, { t: ['b'] }, null],
    ['$nin: one is', { t: { $nin: ['a'] } }, { t: ['a', 'b'] }, '…/t/$nin'],
    ['$not: none does', { t: { $not: { $startsWith: 'a' } } }, { t: ['ab', 'b'] }, '…/t/$not'],
    ['$exist of an array', { t: { $exist: true } }, { t: [] }, null],
    ['$contains a part of an element', { t: { $contains: 'rg' } }, { t: ['urgent'] }, null],
    [
      '$or with a negation speaks of the array',
      { t: { $or: [{ $nin: ['a'] }, 'x'] } },
      { t: ['a', 'b'] },
      '…/t/$or',
    ],
  ])('%s', (_name, pattern, raw, clause) => {
    expect(matchRaw(pattern, raw)).toBe(clause);
  });
});

describe('match: numbers keep every digit', () => {
  const matchText = (pattern: unknown, number: string) =>
    clauseOfText([{ match: { data: { raw: { n: pattern } } } }], `{"data":{"raw":{"n":${number}}}}`);

  test.each<[unknown, string, boolean]>([
    ['9223372036854775807', '9223372036854775807', true],
    ['9223372036854775807', '9223372036854775806', false],
    ['9223372036854775807', '9223372036854775808', false],
    ['9223372036854775807', '"9223372036854775807"', true],
    [{ $gt: '9223372036854775806' }, '9223372036854775807', true],
    [{ $gt: '9223372036854775807' }, '9223372036854775807', false],
    [{ $in: ['9007199254740993'] }, '9007199254740993', true],
    [{ $in: ['9007199254740993'] }, '9007199254740992', false],
    [9007199254740991, '9007199254740991', true],
    [{ $lt: 9007199254740991 }, '9007199254740990.99999999', true],
    [100, '100.0', true],
    [100, '1e2', true],
    [0.1, '0.1', true],
    [0.1, '0.1000000000000000055', false],
    [{ $gt: 0.1 }, '0.1000000000000000055', true],
    [{ $gt: 0 }, '1e-400', true],
    [{ $gte: 1000 }, '999.9999999999999999999', false],
    ['123', '123', false],
  ])('%j on %s: %s', (pattern, number, expected) => {
    expect(matchText(pattern, number) === null).toBe(expected);
  });
});

test('of duplicate members the last one counts, as everywhere', () => {
  expect(clauseOfText([{ match: { a: 2 } }], '{"a":1,"a":2}')).toBeNull();
  expect(clauseOfText([{ match: { a: 1 } }], '{"a":1,"a":2}')).toBe('/filters/0/match/a');
});

test('names of the language itself are members like others', () => {
  const text = '{"__proto__":1,"constructor":{"name":"x"}}';
  expect(
    clauseOfText([{ match: JSON.parse('{"__proto__":1,"constructor":{"name":"x"}}') as unknown }], text),
  ).toBeNull();
  expect(clauseOfText([{ match: { toString: { $exist: true } } }], text)).toBe(
    '/filters/0/match/toString/$exist',
  );
});

describe('what cannot be read is refused, with the place', () => {
  const problemsOf = (filters: unknown) => {
    const reading = readFilters(filters);
    return reading.ok ? [] : reading.problems;
  };

  test.each<[string, unknown, string, string]>([
    ['no array', {}, '/filters', 'an array of filter expressions'],
    ['no object', ['x'], '/filters/0', 'an object with one member'],
    ['no member', [{}], '/filters/0', 'an object with one member'],
    [
      'two members',
      [{ exact: { type: 'a' }, prefix: { type: 'a' } }],
      '/filters/0',
      'an object with one member',
    ],
    [
      'an unknown dialect',
      [{ sql: "type = 'a'" }],
      '/filters/0/sql',
      'one of exact, prefix, suffix, all, any, not, match',
    ],
    ['a dialect called constructor', [{ constructor: {} }], '/filters/0/constructor', 'one of exact'],
    ['no attributes', [{ exact: {} }], '/filters/0/exact', 'an object of attribute names'],
    [
      'an attribute that is none',
      [{ exact: { Type: 'a' } }],
      '/filters/0/exact/Type',
      'the name of a CloudEvents attribute',
    ],
    [
      'an empty text',
      [{ prefix: { type: '' } }],
      '/filters/0/prefix/type',
      'a text of at least one character',
    ],
    [
      'a number for a text',
      [{ suffix: { type: 1 } }],
      '/filters/0/suffix/type',
      'a text of at least one character',
    ],
    ['an empty list', [{ all: [] }], '/filters/0/all', 'an array of at least one filter expression'],
    [
      'a list that is none',
      [{ any: { exact: { type: 'a' } } }],
      '/filters/0/any',
      'an array of at least one',
    ],
    [
      'a wrong expression inside',
      [{ not: { any: [{ foo: 1 }] } }],
      '/filters/0/not/any/0/foo',
      'one of exact',
    ],
    ['match of a text', [{ match: 'x' }], '/filters/0/match', 'an object of the members'],
    ['match of an array', [{ match: [1] }], '/filters/0/match', 'an object of the members'],
    [
      'an unknown operator',
      [{ match: { a: { $near: 1 } } }],
      '/filters/0/match/a/$near',
      'one of $and, $contains',
    ],
    [
      'an operator of another kind',
      [{ match: { a: { $ref: 'b' } } }],
      '/filters/0/match/a/$ref',
      'one of $and',
    ],
    ['$gt of an array', [{ match: { a: { $gt: [1, 2] } } }], '/filters/0/match/a/$gt', 'a number or a text'],
    ['$gt of null', [{ match: { a: { $gt: null } } }], '/filters/0/match/a/$gt', 'a number or a text'],
    ['$in of a number', [{ match: { a: { $in: 1 } } }], '/filters/0/match/a/$in', 'an array of texts'],
    ['$in of objects', [{ match: { a: { $nin: [{}] } } }], '/filters/0/match/a/$nin', 'an array of texts'],
    [
      '$startsWith of a number',
      [{ match: { a: { $startsWith: 1 } } }],
      '/filters/0/match/a/$startsWith',
      'a text',
    ],
    ['$endsWith of nothing', [{ match: { a: { $endsWith: [] } } }], '/filters/0/match/a/$endsWith', 'a text'],
    [
      '$contains of an array',
      [{ match: { a: { $contains: ['x'] } } }],
      '/filters/0/match/a/$contains',
      'a text, a number',
    ],
    ['$exist of a text', [{ match: { a: { $exist: 'yes' } } }], '/filters/0/match/a/$exist', 'true or false'],
    [
      '$or of an object',
      [{ match: { $or: { a: 1 } } }],
      '/filters/0/match/$or',
      'an array of at least one pattern',
    ],
    [
      '$and of nothing',
      [{ match: { $and: [] } }],
      '/filters/0/match/$and',
      'an array of at least one pattern',
    ],
    [
      '$regex of a number',
      [{ match: { a: { $regex: 1 } } }],
      '/filters/0/match/a/$regex',
      'a regular expression',
    ],
    [
      '$regex with look-ahead',
      [{ match: { a: { $regex: 'x(?=y)' } } }],
      '/filters/0/match/a/$regex',
      'linear time',
    ],
    [
      'a number too long for JSON readers',
      [{ match: { a: 2 ** 53 } }],
      '/filters/0/match/a',
      'the number in quotes',
    ],
    [
      'such a number inside',
      [{ match: { a: { $eq: { b: [1e21] } } } }],
      '/filters/0/match/a/$eq/b/0',
      'the number in quotes',
    ],
    [
      'an endless number',
      [{ match: { a: { $lt: Infinity } } }],
      '/filters/0/match/a/$lt',
      'the number in quotes',
    ],
  ])('%s', (_name, filters, path, expected) => {
    const [problem] = problemsOf(filters);
    expect(problem?.path).toBe(path);
    expect(problem?.expected).toContain(expected);
  });

  test('all problems at once, but no more than can be read', () => {
    expect(problemsOf([{ foo: 1 }, { exact: { a: 1 } }]).map(({ path }) => path)).toEqual([
      '/filters/0/foo',
      '/filters/1/exact/a',
    ]);
    expect(
      problemsOf([{ match: Object.fromEntries(Array.from({ length: 90 }, (_, at) => [`$${at}`, 1])) }]),
    ).toHaveLength(20);
  });

  test('20 expressions, 16 KiB, 20 levels, and not one more', () => {
    const one = { exact: { type: 'a' } };
    expect(problemsOf(Array(20).fill(one))).toEqual([]);
    expect(problemsOf(Array(21).fill(one))[0]?.expected).toBe('at most 20 filter expressions');
    const sized = (bytes: number) => [{ exact: { type: 'x'.repeat(bytes - 23) } }];
    expect(problemsOf(sized(16_384))).toEqual([]);
    expect(problemsOf(sized(16_385))[0]).toMatchObject({ path: '/filters', got: '16385 bytes' });
    const deep = (levels: number) => {
      let expression: unknown = one;
      for (let level = 2; level < levels; level += 1) expression = { not: expression };
      return [expression];
    };
    expect(problemsOf(deep(20))).toEqual([]);
    expect(problemsOf(deep(21))[0]).toMatchObject({ path: '/filters/0', got: '21 levels' });
  });
});
