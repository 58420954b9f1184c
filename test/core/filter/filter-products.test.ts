/**
 * What the public pages of Hookdeck, Outpost and Convoy show of their filters, said again with values of our own: a
 * filter that is moved here chooses the same events.
 * Sources: https://hookdeck.com/docs/filters, https://hookdeck.com/docs/outpost/features/filter,
 * https://docs.getconvoy.io/product-manual/filters
 */
import { describe, expect, test } from 'vitest';
import { EventJson } from '../../../src/core/filter/event-json.ts';
import { readFilters } from '../../../src/core/filter/filter.ts';

type Example = [name: string, body: unknown, filter: unknown, passes: boolean];

function passes(body: unknown, filter: unknown): boolean {
  const reading = readFilters([{ match: { data: { raw: filter } } }]);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return reading.filters.failing(new EventJson(JSON.stringify({ data: { raw: body } }))) === null;
}

const HOOKDECK: Example[] = [
  ['a single value', false, false, true],
  ['a primitive', { kind: 'parcel/sent', parcel: { no: 9 } }, { kind: 'parcel/sent' }, true],
  ['another primitive', { kind: 'parcel/lost' }, { kind: 'parcel/sent' }, false],
  ['a nested object', { van: { name: 'blue', seats: 0 } }, { van: { seats: 0 } }, true],
  [
    'an object in an array',
    { trip: { stops: [{ at: 4, name: 'x' }] } },
    { trip: { stops: { at: 4 } } },
    true,
  ],
  ['an array contains', { van: { tags: ['new', 'leased'] } }, { van: { tags: 'new' } }, true],
  [
    'an array contains several',
    { van: { tags: ['new', 'leased', 'red'] } },
    { van: { tags: ['new', 'red'] } },
    true,
  ],
  [
    'an array lacks one of several',
    { van: { tags: ['new', 'red'] } },
    { van: { tags: ['new', 'old'] } },
    false,
  ],
  ['a value that is no object', '/hooks/vans', { $in: '/hooks' }, true],
  ['an operator', { van: { seats: 5 } }, { van: { seats: { $lte: 9 } } }, true],
  ['two operators', { van: { seats: 4 } }, { van: { seats: { $gt: 1, $lt: 3 } } }, false],
  ['alphabetical order', { day: '2026-03-01' }, { day: { $gte: '2026-02-28' } }, true],
  ['$or of values', { van: { seats: 5 } }, { van: { seats: { $or: [1, 5] } } }, true],
  ['$or of objects', { greeting: 'moin' }, { $or: [{ greeting: 'hi' }, { greeting: 'hej' }] }, false],
  ['$and of operators', { sum: 250 }, { sum: { $and: [{ $gte: 100 }, { $lte: 500 }] } }, true],
  ['$not of an object', { state: 'gone' }, { $not: { state: 'gone' } }, false],
  ['$not of a text within', '/alive', { $not: { $in: '/alive' } }, false],
  ['$eq of a whole array', { tags: ['a', 'b', 'c'] }, { tags: { $eq: ['a', 'b'] } }, false],
  ['a text within', { text: 'a small van' }, { text: { $in: 'small' } }, true],
  ['a text not within', { text: 'a small van' }, { text: { $nin: 'small' } }, false],
  ['an array without', { tags: ['a', 'ab'] }, { tags: { $nin: 'a' } }, false],
  ['starts with one of', { url: 'https://x.org' }, { url: { $startsWith: ['http:', 'https:'] } }, true],
  ['exists and starts', { url: 'https://x.org' }, { url: { $exist: true, $startsWith: 'https:' } }, true],
  ['does not exist', { state: 'new' }, { ended: { $exist: false } }, true],
  ['null exists', { ended: null }, { ended: { $exist: false } }, false],
  ['null is null', { ended: null }, { ended: null }, true],
  ['null is not anything else', { ended: null }, { ended: { $neq: null } }, false],
  [
    'a type, but not of these kinds or teams',
    { note: { kind: 'text', sub: 'edited' }, team: 'north' },
    {
      note: { kind: 'text' },
      $not: { $or: [{ note: { sub: { $or: ['edited', 'erased'] } } }, { team: 'south' }] },
    },
    false,
  ],
  [
    'large orders',
    { kind: 'order.made', data: { sum: 1_250 } },
    { kind: 'order.made', data: { sum: { $gte: 1_000 } } },
    true,
  ],
  ['by country', { data: { to: 'NO' } }, { data: { to: { $or: ['DK', 'NO', 'SE'] } } }, true],
];

const OUTPOST: Example[] = [
  ['a value', { state: 'sent' }, { state: 'sent' }, true],
  ['conditions together', { state: 'sent', unit: 'nok' }, { state: 'sent', unit: 'eur' }, false],
  ['nested', { buyer: { level: 'gold' } }, { buyer: { level: 'gold' } }, true],
  ['an array contains', { tags: ['late', 'heavy'] }, { tags: 'late' }, true],
  ['a range', { sum: 500 }, { sum: { $gte: 100, $lt: 500 } }, false],
  ['one of', { state: 'open' }, { state: { $in: ['open', 'busy'] } }, true],
  ['ends with', { mail: 'a@example.org' }, { mail: { $endsWith: '@example.org' } }, true],
  ['does not exist', { id: 1 }, { erased: { $exist: false } }, true],
  ['$or', { state: 'sent' }, { $or: [{ state: 'paid' }, { state: 'sent' }] }, true],
  ['$and', { state: 'on', sum: 99 }, { $and: [{ state: 'on' }, { sum: { $gte: 100 } }] }, false],
  ['$not', { state: 'back' }, { state: { $not: { $in: ['void', 'back'] } } }, false],
  [
    'a span of time',
    { time: '2026-01-15T08:00:00Z' },
    { time: { $gte: '2026-01-01T00:00:00Z', $lt: '2026-02-01T00:00:00Z' } },
    true,
  ],
];

const CONVOY: Example[] = [
  ['an object', { kind: 'made' }, { kind: 'made' }, true],
  ['a nested object', { event: { kind: 'made' } }, { event: { kind: 'made' } }, true],
  ['an array contains', { meal: { of: ['rice', 'peas'] } }, { meal: { of: 'peas' } }, true],
  ['$neq', { event: { kind: 'made' } }, { event: { kind: { $neq: 'made' } } }, false],
  ['$or', { towns: ['oslo'], every: 'week' }, { $or: [{ towns: 'bergen' }, { every: 'week' }] }, true],
  [
    '$and with $or in it',
    { towns: ['bergen'], age: 12 },
    { $and: [{ age: { $gte: 10 } }, { $or: [{ every: 'week' }, { towns: 'bergen' }] }] },
    true,
  ],
  ['$in', { verb: 'made' }, { verb: { $in: ['made', 'gone'] } }, true],
  ['$nin', { verb: 'made' }, { verb: { $nin: ['changed', 'emptied'] } }, true],
  ['a number', { age: 2 }, { age: { $gt: 1 } }, true],
  [
    'what stands at any place of an array',
    { rows: [{ kind: 'a' }, { place: 'b' }] },
    { rows: { place: 'b' } },
    true,
  ],
  [
    'arrays in arrays of objects',
    { rows: [{ by: [{ name: 'ann' }, { name: 'bo' }] }] },
    { rows: { by: { name: 'bo' } } },
    true,
  ],
  ['a regular expression', { event: 'cs_made' }, { event: { $regex: '^cs_[a-zA-Z]+$' } }, true],
  ['nothing asked', {}, {}, true],
];

describe.each([
  ['Hookdeck', HOOKDECK],
  ['Outpost', OUTPOST],
  ['Convoy', CONVOY],
])('%s', (_product, examples) => {
  test.each(examples)('%s', (_name, body, filter, expected) => {
    expect(passes(body, filter)).toBe(expected);
  });
});
