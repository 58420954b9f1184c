/** Secrets at rest: what opens where, and what does not. */
import { describe, expect, it } from 'vitest';
import { base64Of, bytesOfBase64 } from '../../src/core/base64.ts';
import { isSealed, open, readKeyRing, seal, sealedUnder, type KeyRing } from '../../src/core/sealing.ts';

const keyOf = (bytes: number, byte: number) => base64Of(new Uint8Array(bytes).fill(byte));
const KEY = keyOf(32, 1);
const OTHER_KEY = keyOf(32, 2);
const PLACE = { tenant: 'acme.1', object: 'hook 1', member: '/secret' };
const NONCE = new Uint8Array(12).fill(7);

function ring(text: string): KeyRing {
  const read = readKeyRing(text);
  if (read === null) throw new Error('expected a ring of keys');
  return read;
}

describe('a key ring', () => {
  it('is read from keys of 32 bytes, padded or not, and is empty where there are none', () => {
    expect(ring('')).toEqual([]);
    expect(ring(` ${KEY} , ${OTHER_KEY.replace('=', '')}`)).toHaveLength(2);
    expect(ring(KEY)[0]?.id).toBe(ring(KEY.replace('=', ''))[0]?.id);
  });

  it.each([
    'short',
    keyOf(31, 1),
    keyOf(33, 1),
    `${KEY},`,
    `${KEY} ${OTHER_KEY}`,
    '0'.repeat(64),
    KEY.replace('A', '!'),
  ])('refuses %j', (text) => {
    expect(readKeyRing(text)).toBeNull();
  });

  it('names its keys without telling of them', () => {
    const [key] = ring(KEY);
    expect(key?.id).toMatch(/^[0-9a-f]{16}$/);
    expect(KEY).not.toContain(key?.id);
  });
});

describe('a sealed text', () => {
  it.each(['', 'whsec_1', 'é'.repeat(5_000), '"\\\n'])('opens as what it was', (text) => {
    const kept = seal(ring(KEY), PLACE, text, NONCE);
    expect(sealedUnder(kept)).toBe(ring(KEY)[0]?.id);
    expect(open(ring(KEY), PLACE, kept)).toBe(text);
    if (text !== '') expect(kept).not.toContain(text);
  });

  it('is sealed under the first key and opens under any', () => {
    const kept = seal(ring(KEY), PLACE, 'text', NONCE);
    expect(open(ring(`${OTHER_KEY},${KEY}`), PLACE, kept)).toBe('text');
    const again = seal(ring(`${OTHER_KEY},${KEY}`), PLACE, 'text', NONCE);
    expect(open(ring(OTHER_KEY), PLACE, again)).toBe('text');
  });

  it.each([
    ['another tenant', { tenant: 'acme.2' }],
    ['another object', { object: 'hook 2' }],
    ['another member', { member: '/secretKeys' }],
  ])('stays sealed at the place of %s', (_what, elsewhere) => {
    const kept = seal(ring(KEY), PLACE, 'text', NONCE);
    expect(open(ring(KEY), { ...PLACE, ...elsewhere }, kept)).toBe(kept);
  });

  it('stays sealed without its key, under another one, and when a bit of it has changed', () => {
    const kept = seal(ring(KEY), PLACE, 'text', NONCE);
    expect(open(ring(''), PLACE, kept)).toBe(kept);
    expect(open(ring(OTHER_KEY), PLACE, kept)).toBe(kept);
    const head = kept.slice(0, kept.lastIndexOf(':') + 1);
    const bytes = bytesOfBase64(kept.slice(head.length));
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const text = `${head}${base64Of(changed)}`;
      expect(open(ring(KEY), PLACE, text)).toBe(text);
    }
    expect(open(ring(KEY), PLACE, kept.slice(0, 40))).toBe(kept.slice(0, 40));
  });

  it('is not sealed again while it cannot be opened', () => {
    const kept = seal(ring(KEY), PLACE, 'text', NONCE);
    expect(seal(ring(OTHER_KEY), PLACE, kept, NONCE)).toBe(kept);
  });
});

describe('a text that was kept without a key', () => {
  it('is read as it is, with a key and without', () => {
    expect(seal(ring(''), PLACE, 'text', NONCE)).toBe('text');
    expect(open(ring(KEY), PLACE, 'text')).toBe('text');
    expect(isSealed('text')).toBe(false);
  });
});
