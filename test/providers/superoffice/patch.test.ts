/** J2: what a PATCH makes of a webhook: merge patches and operations, in any spelling, all of it or nothing. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { patched, readPatch, type Patched } from '../../../src/providers/superoffice/patch.ts';

const ENTITY = {
  Name: 'before',
  Events: ['contact.created', 'sale.sold'],
  Secret: '********',
  Headers: { 'X-Token': '********' },
  Properties: { Team: 'North', Deep: { a: 1, b: 2 } },
  State: 'Active',
};

function after(body: unknown): Patched {
  const reading = readPatch(body);
  if (!reading.ok) throw new Error(reading.message);
  return patched(ENTITY, reading.patch);
}

function entityAfter(body: unknown): unknown {
  const result = after(body);
  if (result.kind !== 'patched') throw new Error(result.message);
  return result.entity;
}

describe('a merge patch', () => {
  test.each([
    ['replaces what it names', { Name: 'after' }, { ...ENTITY, Name: 'after' }],
    ['removes what it sets to null', { Secret: null }, { ...ENTITY, Secret: undefined }],
    ['replaces arrays in whole', { Events: ['a.b'] }, { ...ENTITY, Events: ['a.b'] }],
    [
      'merges objects in any depth',
      { Properties: { Deep: { b: null, c: 3 } } },
      { ...ENTITY, Properties: { Team: 'North', Deep: { a: 1, c: 3 } } },
    ],
    [
      'counts in any case of letters',
      { name: 'after', HEADERS: { 'x-token': 'new', 'x-more': 'm' } },
      { ...ENTITY, Name: 'after', Headers: { 'X-Token': 'new', 'x-more': 'm' } },
    ],
    ['adds what is not there', { Whatever: 1 }, { ...ENTITY, Whatever: 1 }],
    ['that is empty changes nothing', {}, ENTITY],
  ])('%s', (_name, body, expected) => {
    const { ...result } = entityAfter(body) as object;
    expect(JSON.parse(JSON.stringify(result))).toEqual(JSON.parse(JSON.stringify(expected)));
  });
});

describe('operations', () => {
  test.each([
    [
      'add to the end of a list',
      { op: 'add', path: '/Events/-', value: 'a.b' },
      ['contact.created', 'sale.sold', 'a.b'],
    ],
    [
      'add in between',
      { op: 'add', path: '/Events/1', value: 'a.b' },
      ['contact.created', 'a.b', 'sale.sold'],
    ],
    ['replace one', { op: 'replace', path: '/Events/0', value: 'a.b' }, ['a.b', 'sale.sold']],
    ['remove one', { op: 'remove', path: '/Events/0' }, ['sale.sold']],
    ['without a slash in front', { op: 'remove', path: 'Events/0' }, ['sale.sold']],
    ['in another case', { op: 'replace', path: 'eVENTS', value: ['a.b'] }, ['a.b']],
    ['with names of members in another case', { Op: 'replace', PATH: 'events', Value: ['a.b'] }, ['a.b']],
  ])('%s', (_name, operation, events) => {
    expect(entityAfter([operation])).toEqual({ ...ENTITY, Events: events });
  });

  test('reach into members whose names hold a slash or a tilde', () => {
    const added = [{ op: 'add', path: '/Properties/a~1b~0c', value: 1 }];
    expect(entityAfter(added)).toMatchObject({ Properties: { 'a/b~c': 1 } });
  });

  test('follow each other: a later one sees what an earlier one did', () => {
    const result = entityAfter([
      { op: 'add', path: 'Properties/List', value: [] },
      { op: 'add', path: 'properties/LIST/-', value: 1 },
      { op: 'test', path: 'properties/list', value: [1] },
      { op: 'remove', path: 'properties/list/0' },
    ]);
    expect(result).toMatchObject({ Properties: { List: [] } });
  });

  test.each([
    ['another value', { op: 'test', path: '/Name', value: 'other' }],
    ['another type', { op: 'test', path: '/Name', value: 7 }],
    ['a member that is not there', { op: 'test', path: '/Nothing', value: 1 }],
  ])('a test that finds %s', (_name, operation) => {
    expect(after([operation])).toMatchObject({ kind: 'differs' });
    expect(after([{ op: 'replace', path: '/Name', value: 'after' }, operation])).toMatchObject({
      kind: 'differs',
    });
  });

  test('a test that finds what it says lets the others count', () => {
    const test = { op: 'test', path: 'properties/deep', value: { b: 2, a: 1 } };
    expect(entityAfter([test, { op: 'replace', path: 'name', value: 'after' }])).toMatchObject({
      Name: 'after',
    });
  });

  test.each([
    ['replace', '/Nothing'],
    ['remove', '/Nothing'],
    ['remove', '/Events/2'],
    ['remove', '/Events/-'],
    ['replace', '/Events/2'],
    ['replace', '/Events/01'],
    ['replace', '/Events/x'],
    ['add', '/Events/3'],
    ['add', '/Events/-1'],
    ['add', '/Nothing/x'],
    ['add', '/Name/x/y'],
  ])('%s at %s is impossible', (op, path) => {
    expect(after([{ op, path, value: 1 }])).toMatchObject({ kind: 'impossible' });
  });
});

test.each([
  ['null', null],
  ['a text', 'x'],
  ['a number', 7],
  ['an operation that is none', [null]],
  ['no op', [{ path: '/Name', value: 1 }]],
  ['move', [{ op: 'move', from: '/Name', path: '/Secret' }]],
  ['copy', [{ op: 'copy', from: '/Name', path: '/Secret' }]],
  ['no path', [{ op: 'remove' }]],
  ['a path that is no text', [{ op: 'remove', path: 1 }]],
  ['the whole as a path', [{ op: 'replace', path: '', value: {} }]],
  ['a path with a wrong escape', [{ op: 'remove', path: '/a~2' }]],
  ['no value', [{ op: 'add', path: '/Name' }]],
  ['too many', Array.from({ length: 1001 }, () => ({ op: 'remove', path: '/Name' }))],
])('%s is no patch', (_name, body) => {
  expect(readPatch(body).ok).toBe(false);
});

test('no patch throws, changes the entity it is applied to, or gives anything a prototype', () => {
  const name = fc.oneof(
    fc.constantFrom('Name', 'events', '-', '0', '1', '__proto__', 'constructor', 'x'),
    fc.string(),
  );
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((tokens) => tokens.join('/'));
  const op = fc.constantFrom('add', 'remove', 'replace', 'test', 'move');
  const operation = fc.record({ op, path, value: fc.jsonValue({ maxDepth: 3 }) });
  const body = fc.oneof(fc.array(operation, { maxLength: 6 }), fc.jsonValue({ maxDepth: 4 }));
  const before = JSON.stringify(ENTITY);
  fc.assert(
    fc.property(body, (sent) => {
      const reading = readPatch(JSON.parse(JSON.stringify(sent)));
      if (reading.ok) patched(ENTITY, reading.patch);
      expect(JSON.stringify(ENTITY)).toBe(before);
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
    { numRuns: 2000, seed: 7 },
  );
});
