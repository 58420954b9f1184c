import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  basicAuthorization,
  nextStep,
  readToken,
  tokenRequest,
  type HeldToken,
  type OAuthClient,
} from '../../src/core/oauth-token.ts';

const CLIENT: OAuthClient = {
  tokenUrl: 'https://login.example.com/token',
  clientId: 'posthorn',
  clientSecret: 's3cr3t',
  credentials: 'header',
};
const NOW = 1_780_000_000_000;
const MINUTE = 60_000;

function heldFrom(answer: unknown, status = 200): HeldToken {
  const reading = readToken({ status, body: JSON.stringify(answer) }, NOW, 0);
  if (!reading.ok) throw new Error(reading.reason);
  return reading.held;
}

describe('when a token is asked for', () => {
  const held: HeldToken = { token: 't', usableUntilMs: NOW + MINUTE, generation: 3 };

  test('when there is none, and when it expires within a minute', () => {
    expect(nextStep(null, NOW).kind).toBe('fetch');
    expect(nextStep(held, NOW + MINUTE - 1)).toEqual({ kind: 'use', held });
    expect(nextStep(held, NOW + MINUTE).kind).toBe('fetch');
  });

  test('after a 401 to this token, and not after a late one to the token before', () => {
    expect(nextStep(held, NOW, 3).kind).toBe('fetch');
    expect(nextStep(held, NOW, 2)).toEqual({ kind: 'use', held });
  });

  test('any number of attempts, refused in any order, ask once for each token that is refused', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { maxLength: 40 }), (ages) => {
        let current: HeldToken = { ...held, generation: 10 };
        let fetched = 0;
        const refused = new Set<number>();
        for (const age of ages) {
          const sent = current.generation - age;
          if (nextStep(current, NOW, sent).kind === 'fetch') {
            expect(refused.has(sent)).toBe(false);
            fetched += 1;
            current = { ...current, generation: current.generation + 1 };
          }
          refused.add(sent);
        }
        expect(fetched).toBe(current.generation - 10);
      }),
    );
  });
});

describe('the request', () => {
  test('with the credentials in the header, form-encoded as the RFC says', () => {
    const { headers, body } = tokenRequest({ ...CLIENT, clientId: 'a b:c', clientSecret: 'p%ö+' });
    expect(body).toBe('grant_type=client_credentials');
    expect(headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    });
    expect(atob((headers['authorization'] ?? '').replace('Basic ', ''))).toBe('a+b%3Ac:p%25%C3%B6%2B');
  });

  test('with the credentials in the form, scope and audience', () => {
    const { headers, body } = tokenRequest({
      ...CLIENT,
      credentials: 'body',
      scope: 'a b',
      audience: 'https://api',
    });
    expect(headers['authorization']).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'a b',
      audience: 'https://api',
      client_id: 'posthorn',
      client_secret: 's3cr3t',
    });
  });
});

describe('an answer', () => {
  test.each<[string, unknown, number]>([
    ['says when it expires', { access_token: 't', expires_in: 3600 }, NOW + 3540_000],
    ['says it in quotes', { access_token: 't', expires_in: '3600' }, NOW + 3540_000],
    ['does not say it', { access_token: 't' }, NOW + 240_000],
    ['says nonsense', { access_token: 't', expires_in: 'soon' }, NOW + 240_000],
    ['says null', { access_token: 't', expires_in: null }, NOW + 240_000],
    ['lies upwards', { access_token: 't', expires_in: 1e15 }, NOW + 86_340_000],
    ['lies downwards', { access_token: 't', expires_in: -5 }, NOW - MINUTE],
    ['is very short', { access_token: 't', expires_in: 30 }, NOW - 30_000],
    ['of the right type', { access_token: 't', token_type: 'bearer', expires_in: 120 }, NOW + MINUTE],
  ])('that %s', (_name, answer, usableUntilMs) => {
    expect(heldFrom(answer)).toEqual({ token: 't', usableUntilMs, generation: 1 });
  });

  test.each<[string, number, string, string]>([
    ['an error', 400, '{"error":"invalid_client","error_description":"s3cr3t"}', 'answered 400'],
    ['a redirect', 302, '', 'answered 302'],
    ['HTML', 200, '<html>s3cr3t</html>', 'no JSON object'],
    ['an array', 200, '["t"]', 'no JSON object'],
    ['nothing', 200, '', 'no JSON object'],
    ['no token', 200, '{"token":"t"}', 'no access_token'],
    ['an empty token', 200, '{"access_token":""}', 'no access_token'],
    ['a token with a line break', 200, '{"access_token":"a\\r\\nx: y"}', 'no access_token'],
    ['a token beyond ASCII', 200, '{"access_token":"tök"}', 'no access_token'],
    ['a token of megabytes', 200, `{"access_token":"${'t'.repeat(16_385)}"}`, 'no access_token'],
    ['another kind of token', 200, '{"access_token":"t","token_type":"mac"}', 'token_type'],
  ])('of %s is none, and is not repeated', (_name, status, body, reason) => {
    const reading = readToken({ status, body }, NOW, 0);
    expect(reading).toMatchObject({ ok: false, reason: expect.stringContaining(reason) as string });
    expect(JSON.stringify(reading)).not.toContain('s3cr3t');
  });

  test('of any kind never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.integer({ min: 100, max: 599 }), (body, status) => {
        expect(typeof readToken({ status, body }, NOW, 0).ok).toBe('boolean');
      }),
    );
  });
});

test('basic credentials are sent in UTF-8', () => {
  expect(basicAuthorization('Aladdin', 'open sesame')).toBe('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==');
  expect(basicAuthorization('test', '123£')).toBe('Basic dGVzdDoxMjPCow==');
});
