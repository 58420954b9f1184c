import { describe, expect, it } from 'vitest';
import { newKey, newToken, tenantOfKey, tenantOfToken } from '../../../src/registry/credential.ts';

const KINDS = [
  ['a key', newKey, tenantOfKey],
  ['an inbound token', newToken, tenantOfToken],
] as const;

describe.each(KINDS)('%s', (_, make, tenantOf) => {
  it.each(['a', 'default', 'a-b-9', 'a'.repeat(63)])('of tenant %s names it', (tenant) => {
    expect(tenantOf(make(tenant))).toBe(tenant);
  });

  it('of the first kind, without a checksum, still names its tenant', () => {
    expect(tenantOf(make('acme').slice(0, -6))).toBe('acme');
  });

  it('A11: with one other character anywhere is known to be wrong', () => {
    const text = make('acme');
    for (let at = 0; at < text.length; at += 1) {
      const other = text[at] === 'x' ? 'y' : 'x';
      expect(tenantOf(text.slice(0, at) + other + text.slice(at + 1))).toBeNull();
    }
  });

  it('A11: with two characters in each other’s place, or one more or less, is known to be wrong', () => {
    const text = make('acme');
    for (let at = 1; at < text.length; at += 1) {
      const swapped = text.slice(0, at - 1) + text.charAt(at) + text.charAt(at - 1) + text.slice(at + 1);
      if (swapped !== text) expect(tenantOf(swapped)).toBeNull();
    }
    for (const other of [`${text}x`, text.slice(0, -1), text.slice(0, -5), ` ${text}`, `${text}\n`, '']) {
      expect(tenantOf(other)).toBeNull();
    }
  });
});
