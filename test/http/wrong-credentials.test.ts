/** The edge before anything is asked: wrong keys and unknown inbound tokens, and how often a right key may call. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import type { Env } from '../../src/env.ts';
import { tenantsOf } from '../../src/registry/address.ts';
import { newKey, newToken } from '../../src/registry/credential.ts';
import { TEST_ADMIN_KEY } from '../support/admin-key.ts';
import { keyIn, Log, relay } from '../objects/event-log/log.ts';

const app = createApp();

afterEach(() => {
  vi.restoreAllMocks();
});

/** The binding, without a window that ends in the middle of a test. */
class Limiter {
  readonly limit = vi.fn(({ key }: { key: string }) => {
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    return Promise.resolve({ success: count <= 100 });
  });
  readonly counts = new Map<string, number>();
}

/** An address that no other test has. */
let addresses = 0;
const newAddress = () => `198.51.100.${(addresses += 1)}`;

type Headers = Readonly<Record<string, string>>;

class Edge {
  readonly limiter = new Limiter();
  readonly env: { -readonly [Name in keyof Env]: Env[Name] };

  constructor(changed: Partial<Env> = {}) {
    this.env = { ...relay, WRONG_CREDENTIALS: this.limiter, ...changed };
  }

  async call(path: string, headers: Headers, method = 'GET', body: string | null = null): Promise<Response> {
    const request = new Request(`https://relay.example.com${path}`, { method, headers, body });
    return app.fetch(request, this.env);
  }

  /** How often each status came of that many wrong calls, of each kind in turn. */
  async wrong(count: number, headers: Headers): Promise<Record<number, number>> {
    const statuses: Record<number, number> = {};
    for (let left = count; left > 0;) {
      for (const wrong of WRONG.slice(0, left)) {
        const { status } = await this.call(...wrong(headers));
        statuses[status] = (statuses[status] ?? 0) + 1;
        left -= 1;
      }
    }
    return statuses;
  }
}

const slip = (text: string) => text.slice(0, -1) + (text.endsWith('x') ? 'y' : 'x');
const wrongKey = () => slip(newKey('default'));

/** Every way to present a credential that is wrong. */
const WRONG: ((headers: Headers) => [string, Headers, string?])[] = [
  (headers) => ['/v1/hooks', { ...headers, authorization: `Bearer ${wrongKey()}` }],
  (headers) => [`/in/${slip(newToken('default'))}`, headers],
  (headers) => [`/in/${slip(newToken('default'))}/CREATE_INVOICE`, headers, 'POST'],
  (headers) => ['/v1/webhooks', { ...headers, 'x-access-token': wrongKey() }],
  (headers) => ['/api/v1/Webhook', { ...headers, authorization: `SOTicket ${wrongKey()}` }],
  (headers) => ['/api/v1/Webhook', { ...headers, authorization: `Basic ${btoa(`x:${wrongKey()}`)}` }],
  (headers) => ['/v1/stats', { ...headers, authorization: 'Bearer a-guess-at-the-admin-key' }],
  (headers) => ['/in/x', headers],
];

/** A tenant with a key and an inbound token. */
async function madeTenant() {
  const id = `t-${crypto.randomUUID().slice(0, 8)}`;
  const made = await tenantsOf(relay).create(id, '', null);
  if (!made.ok) throw new Error(made.reason);
  const log = new Log(made.tenant);
  const { key, text } = await log.inside((object) => keyIn(object));
  const source = await log.source();
  return { id, log, key: text, keyId: key.id, token: source.token, sourceId: source.id };
}

describe('A11: wrong keys and unknown tokens of one address', () => {
  it('are counted together: a hundred are refused as ever, further ones are 429 with Retry-After', async () => {
    const edge = new Edge();
    const headers = { 'cf-connecting-ip': newAddress() };
    const first = await edge.wrong(100, headers);
    expect(first[429]).toBeUndefined();
    expect((first[401] ?? 0) + (first[404] ?? 0)).toBe(100);
    expect(await edge.wrong(40, headers)).toEqual({ 429: 40 });
    for (const wrong of WRONG) {
      expect((await edge.call(...wrong(headers))).headers.get('retry-after')).toBe('60');
    }
  });

  it('each API says so in its own shape', async () => {
    const edge = new Edge();
    const headers = { 'cf-connecting-ip': newAddress() };
    await edge.wrong(100, headers);
    const bodyOf = async (path: string, more: Headers) =>
      (await edge.call(path, { ...headers, ...more })).json();
    const authorization = `Bearer ${wrongKey()}`;
    expect(await bodyOf('/v1/hooks', { authorization })).toMatchObject({ status: 429, code: 'rate-limited' });
    expect(await bodyOf('/in/x', {})).toMatchObject({ status: 429, code: 'rate-limited' });
    expect(await bodyOf('/v1/webhooks', { 'x-access-token': wrongKey() })).toMatchObject({
      code: 429,
      httpStatus: 'TOO_MANY_REQUESTS',
    });
    expect(await bodyOf('/api/v1/Webhook', { authorization })).toMatchObject({ Error: true });
  });

  it('say nothing of another address, and all addresses of one IPv6 network count as one', async () => {
    const edge = new Edge();
    await edge.wrong(101, { 'cf-connecting-ip': newAddress() });
    expect((await edge.wrong(8, { 'cf-connecting-ip': newAddress() }))[429]).toBeUndefined();
    for (let host = 0; host < 101; host += 1) {
      await edge.call('/in/x', { 'cf-connecting-ip': `2001:db8:7:1::${host}` });
    }
    expect((await edge.call('/in/x', { 'cf-connecting-ip': '2001:db8:7:1::ffff' })).status).toBe(429);
    expect((await edge.call('/in/x', { 'cf-connecting-ip': '2001:db8:7:2::ffff' })).status).toBe(404);
  });

  it('do not keep a right key, the admin key or a right token from being answered', async () => {
    const edge = new Edge();
    const headers = { 'cf-connecting-ip': newAddress() };
    await edge.wrong(120, headers);
    const { id, key, token } = await madeTenant();
    const bearer = { ...headers, authorization: `Bearer ${key}` };
    expect((await edge.call('/v1/hooks', bearer)).status).toBe(200);
    expect((await edge.call('/api/v1/Webhook', bearer)).status).toBe(200);
    expect((await edge.call('/v1/webhooks', { ...headers, 'x-access-token': key })).status).toBe(200);
    expect((await edge.call(`/in/${token}`, headers)).status).toBe(200);
    const operator = { ...headers, authorization: `Bearer ${TEST_ADMIN_KEY}`, 'posthorn-tenant': id };
    expect((await edge.call('/v1/hooks', operator)).status).toBe(200);
    expect(await edge.wrong(8, headers)).toEqual({ 429: 8 });
  });

  it('cost the binding nothing more once it has said that they are too many', async () => {
    const edge = new Edge();
    await edge.wrong(150, { 'cf-connecting-ip': newAddress() });
    expect(edge.limiter.limit).toHaveBeenCalledTimes(101);
  });

  it('a revoked key and the URL of a deleted source count as well, and soon ask nobody', async () => {
    const edge = new Edge();
    const headers = { 'cf-connecting-ip': newAddress() };
    const { log, key, keyId, token, sourceId } = await madeTenant();
    expect((await edge.call(`/in/${token}`, headers)).status).toBe(200);
    await log.stub.revokeKey(keyId);
    await log.stub.deleteSource(sourceId);
    const bearer = { ...headers, authorization: `Bearer ${key}` };
    expect((await edge.call('/v1/hooks', bearer)).status).toBe(401);
    expect((await edge.call(`/in/${token}`, headers, 'POST', '{}')).status).toBe(404);
    const asked = vi.spyOn(relay.EVENT_LOG, 'getByName');
    expect((await edge.call('/v1/hooks', bearer)).status).toBe(401);
    expect((await edge.call(`/in/${token}`, headers)).status).toBe(404);
    expect(asked).not.toHaveBeenCalled();
    expect([...edge.limiter.counts.values()]).toEqual([4]);
  });

  it('no credential at all is none that is wrong', async () => {
    const edge = new Edge();
    const headers = { 'cf-connecting-ip': newAddress() };
    for (const path of ['/v1/hooks', '/v1/webhooks', '/api/v1/Webhook']) {
      expect((await edge.call(path, headers)).status).toBe(401);
    }
    expect(edge.limiter.limit).not.toHaveBeenCalled();
  });

  it.each(['missing', 'failing'])('a binding that is %s breaks nothing', async (how) => {
    const edge = new Edge();
    if (how === 'missing') delete edge.env.WRONG_CREDENTIALS;
    else edge.limiter.limit.mockRejectedValue(new Error('down'));
    const statuses = await edge.wrong(120, { 'cf-connecting-ip': newAddress() });
    expect(statuses[429]).toBeUndefined();
  });

  it('where no Cloudflare is in front, nobody chooses the address that counts', async () => {
    const edge = new Edge({ LISTENING_ON: '127.0.0.1:8787' });
    for (let number = 0; number < 20; number += 1) {
      await edge.wrong(1, { 'cf-connecting-ip': newAddress() });
    }
    expect([...edge.limiter.counts.values()]).toEqual([20]);
  });
});

describe('calls of one key', () => {
  it('beyond those of a minute are 429 with Retry-After, in every API; other keys go on', async () => {
    const edge = new Edge({ KEY_REQUESTS_PER_MINUTE: '3' });
    const nowMs = Date.now();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(nowMs);
    const [{ key }, other] = [await madeTenant(), await madeTenant()];
    const bearer = { authorization: `Bearer ${key}` };
    for (let number = 0; number < 3; number += 1) {
      expect((await edge.call('/v1/hooks', bearer)).status).toBe(200);
    }
    const refused = [
      await edge.call('/v1/hooks', bearer),
      await edge.call('/api/v1/Webhook', bearer),
      await edge.call('/v1/webhooks', { 'x-access-token': key }),
    ];
    for (const response of refused) {
      expect(response.status).toBe(429);
      expect(response.headers.get('retry-after')).toBe('60');
    }
    expect((await edge.call('/v1/hooks', { authorization: `Bearer ${other.key}` })).status).toBe(200);
    clock.mockReturnValue(nowMs + 60_000);
    expect((await edge.call('/v1/hooks', bearer)).status).toBe(200);
    expect(edge.limiter.limit).not.toHaveBeenCalled();
  });

  it('of the operator have no bound', async () => {
    const edge = new Edge({ KEY_REQUESTS_PER_MINUTE: '1' });
    const { id } = await madeTenant();
    const operator = { authorization: `Bearer ${TEST_ADMIN_KEY}`, 'posthorn-tenant': id };
    for (let number = 0; number < 5; number += 1) {
      expect((await edge.call('/v1/hooks', operator)).status).toBe(200);
    }
  });
});

describe('the admin key', () => {
  it('asks which tenant a name stands for once in a while, not at every call', async () => {
    const edge = new Edge();
    const { id } = await madeTenant();
    const operator = { authorization: `Bearer ${TEST_ADMIN_KEY}`, 'posthorn-tenant': id };
    const asked = vi.spyOn(relay.TENANTS, 'getByName');
    for (let number = 0; number < 5; number += 1) await edge.call('/v1/hooks', operator);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('of an erased tenant is answered 404, from the answer on and however it was erased', async () => {
    const edge = new Edge();
    for (const by of ['this isolate', 'another']) {
      const { id } = await madeTenant();
      const operator = { authorization: `Bearer ${TEST_ADMIN_KEY}`, 'posthorn-tenant': id };
      expect((await edge.call('/v1/hooks', operator)).status).toBe(200);
      if (by === 'another') await tenantsOf(relay).erase(id);
      else {
        const admin = { authorization: `Bearer ${TEST_ADMIN_KEY}` };
        expect((await edge.call(`/v1/tenants/${id}`, admin, 'DELETE')).status).toBe(202);
      }
      expect([by, (await edge.call('/v1/hooks', operator)).status]).toEqual([by, 404]);
      await vi.waitUntil(
        () =>
          tenantsOf(relay)
            .create(id, '', null)
            .then(({ ok }) => ok),
        20_000,
      );
      expect([by, (await edge.call('/v1/hooks', operator)).status]).toEqual([by, 200]);
    }
  });
});
