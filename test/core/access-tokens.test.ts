/** The access token of a hook, over a token server that is slow, gone, or must not be called any more. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HookAuth } from '../../src/core/hook-auth.ts';
import { AccessTokens } from '../../src/hook/access-tokens.ts';
import { loginOf } from '../../src/hook/login.ts';
import { HOOK_MIGRATIONS } from '../../src/hook/schema.ts';
import { settingsOf, type Settings } from '../../src/settings.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { OPEN_VAULT } from '../../src/storage/vault.ts';
import { Sqlite } from '../support/sqlite.ts';

let server: Server;
let answer: RequestListener;
let asked: number;
let arrived: PromiseWithResolvers<void>;
let tokens: AccessTokens;
let nowMs: number;

beforeEach(async () => {
  asked = 0;
  arrived = Promise.withResolvers();
  server = createServer((request, response) => {
    asked += 1;
    answer(request, response);
    arrived.resolve();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  nowMs = 1_000_000;
  tokens = newTokens();
});
afterEach(() => {
  vi.useRealTimers();
  server.closeAllConnections();
  server.close();
});

function newTokens(): AccessTokens {
  const disk = new Sqlite();
  migrate(disk.storage, HOOK_MIGRATIONS);
  return new AccessTokens(disk.sql, OPEN_VAULT.box('hook/1'));
}

const auth = (): HookAuth => ({
  type: 'oauth2',
  tokenUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
  clientId: 'relay',
  clientSecret: 'client-s3cret',
  credentials: 'header',
});
const given =
  (expiresIn = 3600): RequestListener =>
  (_request, response) =>
    response.end(JSON.stringify({ access_token: `t${asked}`, token_type: 'Bearer', expires_in: expiresIn }));
function settings(targetPolicy: string): Settings {
  const reading = settingsOf({ TARGET_POLICY: targetPolicy, POSTHORN_ADMIN_KEY: 'a'.repeat(40) });
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return reading.settings;
}
const login = (policy = 'any', rejected: number | null = null) =>
  loginOf(
    auth(),
    { tokens, settings: settings(policy), relayHost: 'relay.test', clock: () => nowMs },
    rejected,
  );

test('an address that may not be called any more is not called, and a token that is held is used to its end', async () => {
  answer = given(120);
  expect(await login()).toMatchObject({ authorization: 'Bearer t1' });
  expect(await login('public')).toMatchObject({ authorization: 'Bearer t1' });
  nowMs += 60_000;
  const refused = { kind: 'failed', detail: 'tokenUrl is no longer a target that may be called' };
  expect(await login('public')).toEqual(refused);
  expect(await login('public', 1)).toEqual(refused);
  expect(asked).toBe(1);
});

describe('a token server that takes its time', () => {
  test.each<[string, RequestListener]>([
    ['answers nothing', () => undefined],
    ['begins an answer and never ends it', (_request, response) => response.write('{"access_token":"')],
  ])('and %s fails the attempts that wait, together, after 10 s', async (_name, slow) => {
    answer = slow;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const waiting = Promise.all(Array.from({ length: 20 }, () => login()));
    await arrived.promise;
    vi.advanceTimersByTime(10_000);
    const failed = { kind: 'failed', detail: 'the token server did not answer within 10 s' };
    expect(await waiting).toEqual(Array(20).fill(failed));
    expect(asked).toBe(1);

    vi.useRealTimers();
    answer = given();
    expect(await login()).toMatchObject({ authorization: 'Bearer t2', wasFetched: true });
  });
});

test('a 401 and then a server that has no further token fail alike, and the refused token is given out no more', async () => {
  answer = given();
  expect(await login()).toMatchObject({ authorization: 'Bearer t1', generation: 1 });
  answer = (_request, response) => response.writeHead(503).end();
  const failed = { kind: 'failed', detail: 'the token server answered 503' };
  expect(await login('any', 1)).toEqual(failed);
  answer = given();
  expect(await login('any', 1)).toMatchObject({ authorization: 'Bearer t3', generation: 2 });
});

test('one request for however many wait, whatever they were refused with', async () => {
  answer = given();
  const all = await Promise.all(Array.from({ length: 1_000 }, () => login()));
  expect(new Set(all.map((one) => one.kind === 'ready' && one.authorization))).toEqual(
    new Set(['Bearer t1']),
  );
  const again = await Promise.all(Array.from({ length: 1_000 }, () => login('any', 1)));
  expect(new Set(again.map((one) => one.kind === 'ready' && one.authorization))).toEqual(
    new Set(['Bearer t2']),
  );
  expect(asked).toBe(2);
});
