/** What `npm start` puts between a socket and the Worker: nothing that a client could steer, and words for what is malformed. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawRequest } from '../support/raw-http.ts';
import { type Relay, startRefused, startRelay } from '../support/relay.ts';
import { type Tenant, newTenant } from '../support/tenant.ts';

let relay: Relay;
let tenant: Tenant;
let inbound: string;
beforeAll(async () => {
  relay = await startRelay();
  tenant = await newTenant(relay);
  const source = await tenant.api.createSource({ provider: 'deskera', name: 'd' });
  inbound = new URL(source.inboundUrl).pathname;
});
afterAll(() => relay.dispose());

/** Status and body of a request whose head is written by hand. */
async function answerTo(head: readonly string[], body = '') {
  const { status, body: text } = await rawRequest(relay.url, head, body);
  return { status, text };
}

describe('D5: headers that Miniflare obeys', () => {
  test.each([
    ['MF-Original-URL', 'http://x/healthz'],
    ['MF-Route-Override', 'nobody'],
    ['MF-CF-Blob', '{bad'],
    ['MF-CF-Blob', '7'],
    ['MF-Custom-Fetch-Service', 'nobody'],
    ['MF-Proxy-Shared-Secret', 'x'],
    ['MF-Op', 'GET'],
    ['MF-Sec-Fetch-Mode', 'x'],
    ['MF-Disable-Pretty-Error', '1'],
    ['X-Forwarded-Proto', 'https'],
  ])('%s: %s steers nothing', async (name, value) => {
    const health = await answerTo(['GET /healthz HTTP/1.1', 'host: a.example', `${name}: ${value}`]);
    expect(health).toMatchObject({ status: 200 });
    const unknown = await answerTo(['GET /in/x HTTP/1.1', 'host: a.example', `${name}: ${value}`]);
    expect(unknown.status).toBe(404);
    expect(JSON.parse(unknown.text)).toMatchObject({ code: 'not-found' });
  });

  test.each(['/cdn-cgi/mf/scheduled', '/cdn-cgi/handler/scheduled', '/cdn-cgi/platform-proxy', '/cdn-cgi/'])(
    'the path %s is one of the relay’s own, and there is none',
    async (path) => {
      const { status, text } = await answerTo([`GET ${path} HTTP/1.1`, 'host: 127.0.0.1']);
      expect(status).toBe(404);
      expect(JSON.parse(text)).toMatchObject({ code: 'not-found' });
    },
  );
});

describe('D9: a malformed request is answered with a 4xx and without a stack', () => {
  const STACK = /\bat .*:\d+|\.worker\.js|node_modules|workerd\//;

  test.each(['a b', '[::', 'a:99999', '%zz', 'a/v1/keys?', 'a#b', 'a?b', 'x@y', 'a\\b', '', '\xff\xfe'])(
    'host: %s',
    async (host) => {
      for (const path of ['/healthz', '/v1/hooks', '/in/x', '/v1/webhooks', '/api/v1/Webhook', '/nothing']) {
        const { status, text } = await answerTo([`GET ${path} HTTP/1.1`, `host: ${host}`]);
        expect([path, status]).toEqual([path, 400]);
        expect(text).not.toMatch(STACK);
      }
    },
  );

  test.each([
    ['two hosts', ['GET /healthz HTTP/1.1', 'host: a', 'host: b']],
    ['no host', ['GET /healthz HTTP/1.1']],
    ['a header without a colon', ['GET /healthz HTTP/1.1', 'host: a', 'bad header']],
    ['a header with a control character', ['GET /healthz HTTP/1.1', 'host: a', 'x: a\0b']],
    ['a length below zero', ['POST /healthz HTTP/1.1', 'host: a', 'content-length: -1']],
    ['two lengths', ['POST /healthz HTTP/1.1', 'host: a', 'content-length: 3', 'content-length: 4']],
    ['an unknown version', ['GET /healthz HTTP/9.9', 'host: a']],
    ['no version', ['GET /healthz']],
    ['a path outside ASCII', ['GET /\xff HTTP/1.1', 'host: a']],
    ['a path of 100 KB', [`GET /${'p'.repeat(100_000)} HTTP/1.1`, 'host: a']],
    ['an asterisk for a path', ['OPTIONS * HTTP/1.1', 'host: a']],
  ])('%s', async (_, head) => {
    const { status, text } = await answerTo(head);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(text).not.toMatch(STACK);
  });

  test.each(['zz\r\nabc\r\n0\r\n\r\n', '3\r\nabcdef\r\n0\r\n\r\n', 'ffffffffffffffffff\r\nabc\r\n0\r\n\r\n'])(
    'a body in chunks of malformed size: %j',
    async (body) => {
      const { key } = tenant;
      for (const [path, ...headers] of [
        [inbound],
        ['/v1/events', `authorization: Bearer ${key}`, 'content-type: application/json'],
        ['/v1/hooks', `authorization: Bearer ${key}`, 'content-type: application/json'],
        ['/v1/webhooks/register', `x-access-token: ${key}`, 'content-type: application/json'],
        ['/api/v1/Webhook', `authorization: Bearer ${key}`, 'content-type: application/json'],
      ]) {
        const head = [`POST ${path} HTTP/1.1`, 'host: a', 'transfer-encoding: chunked', ...headers];
        const { status, text } = await answerTo(head, body);
        expect([path, status]).toEqual([path, 400]);
        expect(text).not.toMatch(STACK);
      }
    },
  );
});

describe('D4: the data folder is its owner’s alone', () => {
  /** Every path below a folder whose mode lets anybody but the owner in. */
  function shared(folder: string): string[] {
    const names = readdirSync(folder, { recursive: true, withFileTypes: true });
    const paths = names.filter((name) => !name.isSymbolicLink()).map((n) => join(n.parentPath, n.name));
    return [folder, ...paths].filter((path) => (lstatSync(path).mode & 0o077) !== 0);
  }

  test('also when it existed before, and what a link points to stays as it is', async () => {
    const parent = realpathSync(mkdtempSync(join(tmpdir(), 'posthorn-private-')));
    const outside = join(parent, 'outside');
    writeFileSync(outside, 'not ours', { mode: 0o644 });
    const dataDir = join(parent, 'data');
    try {
      await using own = await startRelay({ dataDir });
      await (await newTenant(own)).api.createSource({ provider: 'deskera', name: 'd' });
      expect(shared(dataDir)).toEqual([]);
      await own.stop();
      for (const name of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
        chmodSync(join(name.parentPath, name.name), name.isDirectory() ? 0o755 : 0o644);
      }
      chmodSync(dataDir, 0o755);
      symlinkSync(outside, join(dataDir, 'link'));
      await own.restart();
      await (await newTenant(own)).api.createSource({ provider: 'deskera', name: 'd' });
      expect(shared(dataDir)).toEqual([]);
      expect(lstatSync(outside).mode & 0o777).toBe(0o644);
    } finally {
      rmSync(parent, { recursive: true, force: true, maxRetries: 5 });
    }
  });

  test('a folder that others share, such as /tmp, is refused and left as it is', async () => {
    const parent = realpathSync(mkdtempSync(join(tmpdir(), 'posthorn-sticky-')));
    const dataDir = join(parent, 'data');
    mkdirSync(dataDir);
    chmodSync(dataDir, 0o1777);
    try {
      const refusal = await startRefused({ PORT: '0', POSTHORN_DATA: dataDir });
      expect(refusal.exitCode).toBe(1);
      expect(refusal.logs).toContain(dataDir);
      expect(refusal.logs).toContain('POSTHORN_DATA');
      expect(lstatSync(dataDir).mode & 0o7777).toBe(0o1777);
      expect(readdirSync(dataDir)).toEqual([]);
    } finally {
      rmSync(parent, { recursive: true, force: true });
    }
  });
});

test('D14: what npm start prints holds no inbound token and no key, whatever is asked', async () => {
  const secrets = [inbound.slice('/in/'.length), tenant.key, relay.adminKey];
  const authorization = `authorization: Bearer ${tenant.key}`;
  for (const head of [
    [`POST ${inbound} HTTP/1.1`, 'host: a b', 'content-length: 0'],
    [`POST ${inbound} HTTP/1.1`, 'host: a', 'transfer-encoding: chunked'],
    [`CONNECT ${inbound} HTTP/1.1`, 'host: a'],
    [`BREW ${inbound} HTTP/1.1`, 'host: a'],
    ['POST /v1/events HTTP/1.1', 'host: a', authorization, 'transfer-encoding: chunked'],
    ['GET /v1/hooks HTTP/1.1', 'host: a', authorization, 'MF-CF-Blob: {'],
  ]) {
    await answerTo(head, 'zz\r\n');
  }
  for (const secret of secrets) expect(relay.logs()).not.toContain(secret);
});
