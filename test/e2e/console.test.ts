/** The console: how it is served, and what somebody can do with it in a browser. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, noBrowser, startBrowser } from '../support/browser.ts';
import { Console } from '../support/console.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { newTenant } from '../support/tenant.ts';

const FIRST_LOAD_BYTES = 150 * 1024;

let relay: Relay;
let receiver: Receiver;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

const get = (path: string, init: RequestInit = {}) =>
  fetch(`${relay.url}${path}`, { redirect: 'manual', ...init });

/** Of a page: the files that it names. */
const filesOf = (page: string) =>
  Array.from(page.matchAll(/(?:src|href)="(\/console\/assets\/[^"]+)"/g), ([, file = '']) => file);

describe('how it is served', () => {
  test('the page and its files run nothing but themselves, cannot be framed and tell nobody where one came from', async () => {
    const page = await get('/console');
    const files = filesOf(await page.clone().text());
    expect(files.map((file) => file.split('.').at(-1)).toSorted()).toEqual(['css', 'js', 'svg']);
    const answers = [
      page,
      await get('/console/hooks/7'),
      await get('/console/'),
      ...(await Promise.all(files.map((file) => get(file)))),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|data:|blob:|https?:|\*/);
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const [first = ''] = files;
    expect((await get(first)).headers.get('cache-control')).toContain('immutable');
  });

  test('what is no file of it is not there, and no other method than reading', async () => {
    for (const path of [
      '/console/assets/',
      '/console/assets/none.js',
      '/console/assets/..%2f..%2fadmin-key',
      '/consoles',
    ]) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
    expect((await get('/console', { method: 'POST' })).status).toBe(404);
    const head = await get('/console', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  test('/ leads a browser to it; who asks for anything else finds no such path', async () => {
    const browser = await get('/', { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
    expect([browser.status, browser.headers.get('location')]).toEqual([302, '/console']);
    expect((await get('/')).status).toBe(404);
    expect((await get('/', { headers: { accept: 'application/json' } })).status).toBe(404);
    expect((await get('/', { method: 'POST', headers: { accept: 'text/html' } })).status).toBe(404);
  });

  test('a key learns whose it is, and what it may do', async () => {
    const { id, key, api } = await newTenant(relay);
    const whose = async (credential: string, headers = {}) =>
      (await get('/v1/me', { headers: { authorization: `Bearer ${credential}`, ...headers } })).json();
    expect(await whose(key)).toMatchObject({
      tenant: id,
      role: 'admin',
      keyId: expect.any(String) as string,
    });
    for (const role of ['subscriber', 'publisher', 'viewer']) {
      const made = (await api.expect(201, 'POST', '/v1/keys', { name: role, role })) as {
        id: string;
        key: string;
      };
      expect(await whose(made.key)).toEqual({ tenant: id, role, keyId: made.id });
    }
    expect(await whose(relay.adminKey, { 'posthorn-tenant': id })).toEqual({
      tenant: id,
      role: 'operator',
      keyId: null,
    });
    expect((await get('/v1/me')).status).toBe(401);
  });
});

describe.skipIf(noBrowser)('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  test('signing in: a wrong key is told so; the right one stays in this tab alone', async () => {
    const { id, key } = await newTenant(relay);
    await using tab = await Console.open(browser, relay.url);
    await tab.go();
    await tab.field('Key').fill('ph_wrong');
    await tab.button('Sign in').click();
    await tab.shows('This key is unknown, revoked or expired.');
    await tab.isSound();
    await tab.field('Key').fill(key);
    await tab.button('Sign in').click();
    await tab.page.getByRole('heading', { name: 'Overview' }).waitFor();
    await tab.shows(id);
    const kept = await tab.page.evaluate<string[]>(
      '[JSON.stringify(sessionStorage), JSON.stringify(localStorage), document.cookie, location.href]',
    );
    expect(kept).toEqual([JSON.stringify({ 'posthorn.key': key }), '{}', '', `${relay.url}/console`]);
    await tab.button('Sign out').click();
    expect(await tab.page.evaluate(() => sessionStorage.length)).toBe(0);
    await tab.field('Key').waitFor();
  });

  test('the first load is small', async () => {
    const { key } = await newTenant(relay);
    await using tab = await Console.open(browser, relay.url, { key });
    const loaded: string[] = [];
    tab.page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
    await tab.go();
    await tab.page.waitForLoadState('networkidle');
    const files = loaded.filter((path) => path.startsWith('/console'));
    expect(files.length).toBeGreaterThan(3);
    const bodies = await Promise.all(files.map(async (path) => (await get(path)).arrayBuffer()));
    const bytes = bodies.reduce((sum, body) => sum + gzipSync(new Uint8Array(body)).byteLength, 0);
    expect(bytes).toBeLessThan(FIRST_LOAD_BYTES);
  });
});
