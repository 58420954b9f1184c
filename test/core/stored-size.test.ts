import { expect, test } from 'vitest';
import { isStorable, MAX_STORED_BYTES, storedBytes, type StoredParts } from '../../src/core/stored-size.ts';

function event(rawBytes: number, members: Partial<StoredParts> = {}): StoredParts {
  return {
    type: 'a.b',
    subject: null,
    source: '/s',
    event: null,
    contentType: null,
    head: '',
    raw: new Uint8Array(rawBytes),
    ...members,
  };
}

test('A9: body and envelope count together, in bytes of UTF-8', () => {
  const bare = storedBytes(event(0));
  expect(bare).toBe('a.b'.length + 2 * '/s'.length);
  expect(storedBytes(event(10, { head: '契約', subject: 'é', contentType: 'x', event: 'y' }))).toBe(
    bare + 10 + 6 + 2 * 2 + 1 + 1,
  );
});

test.each([
  ['of ASCII', 'x', 1],
  ['of three-byte characters', '契', 3],
  ['of four-byte characters', '😀', 4],
])('A9: the bound is exact with a head %s', (_name, character, bytes) => {
  const head = character.repeat(1000);
  const room = MAX_STORED_BYTES - storedBytes(event(0)) - 1000 * bytes;
  expect(isStorable(event(room, { head }))).toBe(true);
  expect(isStorable(event(room + 1, { head }))).toBe(false);
});

test('A9: a body at the largest setting fits with an ordinary envelope', () => {
  expect(isStorable(event(1_600_000, { head: 'x'.repeat(20_000), subject: '契'.repeat(4096) }))).toBe(true);
});
