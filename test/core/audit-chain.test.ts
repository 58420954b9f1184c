import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  canonicalJson,
  changedMembers,
  entryHash,
  NO_ENTRY_HASH,
  oldEntries,
  type AuditEntry,
} from '../../src/core/audit-chain.ts';

const ENTRY: AuditEntry = {
  seq: 1,
  at: '2026-01-01T00:00:00.000Z',
  actor: 'admin',
  from: null,
  call: 'PATCH /v1/hooks/7',
  target: 'hook/7',
  before: { name: 'old', headers: { b: '***', a: '***' } },
  after: { name: 'née' },
};

test('audit: canonical JSON is that of RFC 8785', () => {
  // Section 3.2.2 and 3.2.3 of the RFC.
  const value = {
    numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  };
  expect(canonicalJson(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
  expect(
    canonicalJson({ '\u20ac': 1, '\r': 2, '\ufb33': 3, 1: 4, '\ud83d\ude00': 5, '\u0080': 6, ö: 7 }),
  ).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
});

test('audit: the hash is over the entry and the one before, as the documentation prints it', () => {
  const text = `{"actor":"admin","after":{"name":"née"},"at":"2026-01-01T00:00:00.000Z","before":{"headers":{"a":"***","b":"***"},"name":"old"},"call":"PATCH /v1/hooks/7","from":null,"previous":"${NO_ENTRY_HASH}","seq":1,"target":"hook/7"}`;
  expect(entryHash(NO_ENTRY_HASH, ENTRY)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
});

test('audit: every member of an entry, and the hash before it, changes the hash', () => {
  const others: Partial<AuditEntry>[] = [
    { seq: 2 },
    { at: '2026-01-01T00:00:00.001Z' },
    { actor: 'key_1' },
    { from: '203.0.113.7' },
    { call: 'PATCH /v1/hooks/8' },
    { target: 'hook/8' },
    { before: null },
    { after: { name: 'nee' } },
  ];
  const hashes = [
    entryHash(NO_ENTRY_HASH, ENTRY),
    entryHash('1'.repeat(64), ENTRY),
    ...others.map((other) => entryHash(NO_ENTRY_HASH, { ...ENTRY, ...other })),
  ];
  expect(new Set(hashes).size).toBe(others.length + 2);
});

test('audit: of a change only the members are told that it changed, a changed secret by its mask alone', () => {
  const before = {
    whole: { name: 'one', secret: 'S1', retry: { steps: [1] }, gone: 1 },
    shown: { name: 'one', secret: '***', retry: { steps: [1] }, gone: 1 },
  };
  const after = {
    whole: { name: 'one', secret: 'S2', retry: { steps: [2] } },
    shown: { name: 'one', secret: '***', retry: { steps: [2] } },
  };
  expect(changedMembers(before, after)).toEqual({
    before: { secret: '***', retry: { steps: [1] }, gone: 1 },
    after: { secret: '***', retry: { steps: [2] }, gone: null },
  });
});

test.each([
  ['none', [], 0],
  ['all of them old', [1, 2, 3], 3],
  ['old ones in front', [1, 2, 100, 101], 2],
  ['a clock that was ahead between old ones', [1, 9_999, 2, 100], 3],
  ['a clock that was ahead in front of new ones', [1, 9_999, 100], 1],
  ['a clock that went back behind new ones', [1, 100, 2, 101], 1],
  ['nothing old', [100, 101], 0],
])('audit: what is too old goes from the start, %s', (_what, atMs, count) => {
  expect(oldEntries(atMs, 50, 200)).toBe(count);
});
