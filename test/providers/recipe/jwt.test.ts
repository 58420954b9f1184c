import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { base64UrlOf } from '../../../src/core/base64.ts';
import { isJwtOf } from '../../../src/providers/recipe/jwt.ts';

const SECRET = 'a secret';
const NOW = 1_800_000_000;
const segment = (value: unknown) => base64UrlOf(new TextEncoder().encode(JSON.stringify(value)));

function token(claims: unknown, head: unknown = { alg: 'HS256', typ: 'JWT' }, secret = SECRET): string {
  const signed = `${segment(head)}.${segment(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const RULE = { algorithm: 'HS256', audience: null } as const;
const isTaken = (text: string, secrets = [SECRET]) => isJwtOf(text, RULE, secrets, NOW * 1000);

describe('a token', () => {
  test('is in force from its start to its end, or for five minutes', () => {
    expect(isTaken(token({ exp: NOW + 10 }))).toBe(true);
    expect(isTaken(token({ exp: NOW - 61 }))).toBe(false);
    expect(isTaken(token({ exp: NOW + 10, nbf: NOW + 61 }))).toBe(false);
    expect(isTaken(token({ iat: NOW - 299 }))).toBe(true);
    expect(isTaken(token({ iat: NOW - 301 }))).toBe(false);
    expect(isTaken(token({ iat: NOW + 301 }))).toBe(false);
    expect(isTaken(token({}))).toBe(false);
    expect(isTaken(token({ exp: `${NOW + 10}` }))).toBe(false);
    expect(isTaken(token(null))).toBe(false);
  });

  test.each(['none', 'HS512', 'hs256', undefined])('of algorithm %s is none, however it is signed', (alg) => {
    expect(isTaken(token({ exp: NOW + 10 }, { alg }))).toBe(false);
  });

  test('is none without its signature, with another one, or with more behind it', () => {
    const good = token({ exp: NOW + 10 });
    const [head = '', claims = '', signature = ''] = good.split('.');
    const bad = [
      `${head}.${claims}.`,
      `${head}.${claims}`,
      `${head}.${claims}.${signature}=`,
      `${good}.x`,
      ` ${good}`,
      '',
    ];
    for (const text of bad) expect([text, isTaken(text)]).toEqual([text, false]);
    expect(isTaken(token({ exp: NOW + 10 }, { alg: 'HS256' }, 'another'))).toBe(false);
    expect(isTaken(token({ exp: NOW + 10 }, { alg: 'HS256' }, ''), [''])).toBe(false);
    expect(isTaken(good, ['another', SECRET])).toBe(true);
  });
});
