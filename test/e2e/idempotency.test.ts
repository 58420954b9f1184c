/** Idempotency-Key on the calls that make something: the same answer again, and never the same thing twice. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, refusal, type Reply } from '../support/api.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, newTenant, ownEvent } from '../support/tenant.ts';

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.dispose());

type Members = Readonly<Record<string, unknown>>;

interface Call {
  readonly path: string;
  readonly status: number;
  readonly body: () => Members;
  /** The same with something else in it. */
  readonly other: (body: Members) => Members;
}

const named = (body: Members) => ({ ...body, name: 'other' });
const CALLS: readonly Call[] = [
  {
    path: '/v1/sources',
    status: 201,
    body: () => ({ provider: 'superoffice', name: 'once' }),
    other: named,
  },
  { path: '/v1/hooks', status: 201, body: () => ({ url: 'https://example.com/once' }), other: named },
  {
    path: '/v1/events',
    status: 202,
    body: () => ownEvent(),
    other: (body) => ({ ...body, id: randomUUID() }),
  },
];

function post(api: Api, path: string, body: Members | string, key: string): Promise<Reply> {
  return api.request('POST', path, body, { 'idempotency-key': key });
}

function made({ api }: Tenant, { path }: Call): Promise<unknown[]> {
  return api.pages(path);
}

describe.each(CALLS)('I12: POST $path', (call) => {
  const { path, status, other } = call;
  test('the same call again gets the same answer, byte for byte, and makes nothing', async () => {
    const tenant = await newTenant(relay);
    const body = call.body();
    const first = await post(tenant.api, path, body, 'key');
    expect(first.status).toBe(status);
    for (let count = 0; count < 3; count += 1) {
      const again = await post(tenant.api, path, body, 'key');
      expect([again.status, again.text]).toEqual([status, first.text]);
    }
    expect(await made(tenant, call)).toHaveLength(1);
  });

  test('another body with the same key is a 422 and makes nothing', async () => {
    const tenant = await newTenant(relay);
    const body = call.body();
    const first = await post(tenant.api, path, body, 'key');
    for (const changed of [other(body), `${JSON.stringify(body)} `]) {
      expect(refusal(await post(tenant.api, path, changed, 'key'))).toBe('422 idempotency-mismatch');
    }
    expect((await post(tenant.api, path, body, 'key')).text).toBe(first.text);
    expect(await made(tenant, call)).toHaveLength(1);
  });

  test('50 at once make one, and all are told of it', async () => {
    const tenant = await newTenant(relay);
    const body = call.body();
    const replies = await Promise.all(Array.from({ length: 50 }, () => post(tenant.api, path, body, 'key')));
    expect(new Set(replies.map((reply) => `${reply.status} ${reply.text}`)).size).toBe(1);
    expect(replies[0]?.status).toBe(status);
    expect(await made(tenant, call)).toHaveLength(1);
  });

  test('another key makes another one, no key too', async () => {
    const tenant = await newTenant(relay);
    const body = call.body();
    await post(tenant.api, path, body, 'one');
    await post(tenant.api, path, other(body), 'two');
    await tenant.api.expect(status, 'POST', path, other(other(body)));
    expect(await made(tenant, call)).toHaveLength(3);
  });

  test('callers do not share keys, nor do tenants', async () => {
    const tenant = await newTenant(relay);
    const { key } = await tenant.api.createKey();
    const callers = [
      tenant.api,
      new Api(relay.url, key),
      new Api(relay.url, relay.adminKey, tenant.id),
      (await newTenant(relay)).api,
    ];
    const body = call.body();
    const bodies = [body, other(body), other(other(body)), body];
    const replies = [];
    for (const [at, caller] of callers.entries()) {
      replies.push(await post(caller, path, bodies[at] ?? {}, 'key'));
    }
    expect(replies.map((reply) => reply.status)).toEqual(callers.map(() => status));
    expect(await made(tenant, call)).toHaveLength(3);
  });

  test('a refused call uses no key up', async () => {
    const tenant = await newTenant(relay);
    expect((await post(tenant.api, path, { nonsense: true }, 'key')).status).toBe(400);
    expect((await post(tenant.api, path, call.body(), 'key')).status).toBe(status);
  });

  test('a key that is empty, too long or not printable ASCII is a 400', async () => {
    const tenant = await newTenant(relay);
    for (const key of ['', 'k'.repeat(256), 'schlüssel']) {
      expect(refusal(await post(tenant.api, path, call.body(), key))).toBe(
        '400 invalid header/idempotency-key',
      );
    }
    expect((await post(tenant.api, path, call.body(), 'k'.repeat(255))).status).toBe(status);
    expect(await made(tenant, call)).toHaveLength(1);
  });
});

test('the calls do not share keys either', async () => {
  const { api } = await newTenant(relay);
  for (const { path, status, body } of CALLS) {
    expect((await post(api, path, body(), 'key')).status).toBe(status);
  }
});

test('an event that was there already is remembered by its key too', async () => {
  const { api } = await newTenant(relay);
  const event = ownEvent();
  const { id } = await api.publish(event);
  const first = await post(api, '/v1/events', event, 'key');
  expect(first.body).toEqual({ id, duplicate: true });
  expect((await post(api, '/v1/events', event, 'key')).text).toBe(first.text);
  expect(refusal(await post(api, '/v1/events', ownEvent(), 'key'))).toBe('422 idempotency-mismatch');
});

test('D3: the answer stays the same after what it made was changed, and is forgotten when that is deleted', async () => {
  const { api } = await newTenant(relay);
  const body = { url: 'https://example.com/once' };
  const first = await post(api, '/v1/hooks', body, 'key');
  const { id } = first.body as { id: number };
  await api.patchHook(id, { name: 'changed' });
  expect((await post(api, '/v1/hooks', body, 'key')).text).toBe(first.text);
  await api.expect(204, 'DELETE', `/v1/hooks/${id}`);
  const again = await post(api, '/v1/hooks', body, 'key');
  const { id: newId, secret } = again.body as { id: number; secret: string };
  expect(newId).not.toBe(id);
  expect(first.text).not.toContain(secret);
  expect(await api.pages('/v1/hooks')).toMatchObject([{ id: newId }]);
});

test('answers survive a kill -9', async () => {
  const tenant = await newTenant(relay);
  const calls = CALLS.map((call) => ({ call, body: call.body() }));
  const before = await Promise.all(calls.map(({ call, body }) => post(tenant.api, call.path, body, 'key')));
  await relay.kill9();
  await relay.restart();
  for (const [at, { call, body }] of calls.entries()) {
    const again = await post(tenant.api, call.path, body, 'key');
    expect([again.status, again.text]).toEqual([call.status, before[at]?.text]);
    expect(refusal(await post(tenant.api, call.path, call.other(body), 'key'))).toBe(
      '422 idempotency-mismatch',
    );
    expect(await made(tenant, call)).toHaveLength(1);
  }
});
