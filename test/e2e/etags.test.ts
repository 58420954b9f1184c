/** Changes made by two at once: an ETag is of the configuration alone, and a change may ask that it is still the same. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Reply, refusal } from '../support/api.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, newTenant, ownEvent } from '../support/tenant.ts';

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  tenant = await newTenant(relay);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

const etagOf = ({ headers }: Reply) => headers.get('etag') ?? '';

interface Kind {
  readonly name: string;
  readonly create: () => Promise<{ path: string; etag: string }>;
  /** A change of the configuration. */
  readonly change: unknown;
}

async function created(path: string, body: unknown): Promise<{ path: string; etag: string }> {
  const reply = await tenant.api.request('POST', path, body);
  const { id } = reply.body as { id: string | number };
  return { path: `${path}/${id}`, etag: etagOf(reply) };
}

const KINDS: readonly Kind[] = [
  {
    name: 'hook',
    create: () => created('/v1/hooks', { url: receiver.url, events: ['e.tag'] }),
    change: { name: 'another' },
  },
  {
    name: 'source',
    create: () => created('/v1/sources', { provider: 'deskera', name: 'one' }),
    change: { name: 'another' },
  },
];

describe.each(KINDS)('of a $name', ({ create, change }) => {
  const patch = (path: string, body: unknown, etag: string) =>
    tenant.api.request('PATCH', path, body, { 'if-match': etag });

  test('it is in every answer, and changes with the configuration alone', async () => {
    const { path, etag } = await create();
    expect(etag).toMatch(/^"[^"]+"$/);
    const shown = await tenant.api.request('GET', path);
    expect(etagOf(shown)).toBe(etag);
    const same = await tenant.api.request('PATCH', path, shown.body);
    expect(etagOf(same)).toBe(etag);
    const changed = await tenant.api.request('PATCH', path, change);
    expect(etagOf(changed)).not.toBe(etag);
    expect(etagOf(await tenant.api.request('GET', path))).toBe(etagOf(changed));
  });

  test('a change of what has changed meanwhile is refused, and changes nothing', async () => {
    const { path, etag } = await create();
    const first = await patch(path, change, etag);
    expect(first.status).toBe(200);
    const before = (await tenant.api.request('GET', path)).body;
    expect(refusal(await patch(path, { name: 'too late' }, etag))).toBe('412 precondition-failed');
    expect(refusal(await tenant.api.request('DELETE', path, undefined, { 'if-match': etag }))).toBe(
      '412 precondition-failed',
    );
    expect((await tenant.api.request('GET', path)).body).toEqual(before);
    const deleted = await tenant.api.request('DELETE', path, undefined, {
      'if-match': `"x", ${etagOf(first)}`,
    });
    expect(deleted.status).toBe(204);
    expect(refusal(await patch(path, change, etagOf(first)))).toBe('404 not-found');
  });

  test('of two changes at once by the same ETag one succeeds', async () => {
    const { path, etag } = await create();
    const replies = await Promise.all(['a', 'b', 'c', 'd'].map((name) => patch(path, { name }, etag)));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
  });

  test('* is whatever there is; a weak one is the tag of nothing, and what is no ETag is refused', async () => {
    const { path, etag } = await create();
    expect((await patch(path, change, '*')).status).toBe(200);
    const now = etagOf(await tenant.api.request('GET', path));
    expect((await patch(path, { name: 'weak' }, `W/${now}`)).status).toBe(412);
    expect((await patch(path, { name: 'none' }, '"nothing-of-ours"')).status).toBe(412);
    expect(refusal(await patch(path, { name: 'none' }, etag.slice(1)))).toBe('400 invalid header/if-match');
    expect(refusal(await patch(path, { name: 'none' }, ''))).toMatch(/^(400 invalid header\/if-match|200 )$/);
  });
});

test('deliveries do not change the ETag of a hook; pausing and a new secret do', async () => {
  const { path, etag } = await created('/v1/hooks', { url: receiver.url, events: ['e.deliver'] });
  await tenant.api.publish(ownEvent({ type: 'e.deliver' }));
  await receiver.waitFor(1);
  await tenant.api.expect(200, 'POST', `${path}/test`);
  expect(etagOf(await tenant.api.request('GET', path))).toBe(etag);
  const paused = etagOf(await tenant.api.request('POST', `${path}/pause`));
  expect(paused).not.toBe(etag);
  expect(etagOf(await tenant.api.request('POST', `${path}/pause`))).toBe(paused);
  await tenant.api.expect(200, 'POST', `${path}/rotate-secret`, {});
  expect(etagOf(await tenant.api.request('GET', path))).not.toBe(paused);
});

test('traffic does not change the ETag of a source; a new URL does', async () => {
  const reply = await tenant.api.request('POST', '/v1/sources', { provider: 'deskera', name: 'traffic' });
  const { id, inboundUrl } = reply.body as { id: string; inboundUrl: string };
  await fetch(new URL(new URL(inboundUrl).pathname, relay.url), { method: 'POST', body: 'not json' });
  const shown = () => tenant.api.request('GET', `/v1/sources/${id}`);
  expect(etagOf(await shown())).toBe(etagOf(reply));
  await tenant.api.expect(200, 'POST', `/v1/sources/${id}/rotate-url`, {});
  expect(etagOf(await shown())).not.toBe(etagOf(reply));
});

test('a key is revoked by its ETag alone, where one is asked for', async () => {
  const { path, etag } = await created('/v1/keys', { name: 'k', role: 'viewer' });
  expect(etag).toMatch(/^"[^"]+"$/);
  const revoke = (ifMatch: string) => tenant.api.request('DELETE', path, undefined, { 'if-match': ifMatch });
  expect(refusal(await revoke('"nothing-of-ours"'))).toBe('412 precondition-failed');
  expect((await revoke(etag)).status).toBe(204);
});

test('uid of a source is unique among the sources of the tenant', async () => {
  const source = (uid: string | null) =>
    tenant.api.request('POST', '/v1/sources', { provider: 'deskera', name: 'named', uid });
  const first = (await source('erp')).body as { id: string; uid: string };
  expect(first.uid).toBe('erp');
  expect(refusal(await source('erp'))).toBe('409 conflict');
  const second = (await source(null)).body as { id: string };
  const rename = () => tenant.api.request('PATCH', `/v1/sources/${second.id}`, { uid: 'erp' });
  expect(refusal(await rename())).toBe('409 conflict');
  await tenant.api.expect(204, 'DELETE', `/v1/sources/${first.id}`);
  expect((await rename()).status).toBe(200);
});

describe('uid of a hook', () => {
  const hook = (uid: unknown) =>
    tenant.api.request('POST', '/v1/hooks', { url: receiver.url, events: ['u.id'], uid });

  test('is unique among the living hooks of the tenant', async () => {
    const first = (await hook('crm.prod-1')).body as { id: number; uid: string };
    expect(first.uid).toBe('crm.prod-1');
    expect(refusal(await hook('crm.prod-1'))).toBe('409 conflict');
    const second = (await hook('crm.prod-2')).body as { id: number };
    expect(refusal(await tenant.api.request('PATCH', `/v1/hooks/${second.id}`, { uid: 'crm.prod-1' }))).toBe(
      '409 conflict',
    );
    expect((await tenant.api.request('PATCH', `/v1/hooks/${second.id}`, { uid: 'crm.prod-2' })).status).toBe(
      200,
    );
    const other = await newTenant(relay);
    expect(
      (await other.api.request('POST', '/v1/hooks', { url: receiver.url, uid: 'crm.prod-1' })).status,
    ).toBe(201);
    await tenant.api.expect(204, 'DELETE', `/v1/hooks/${first.id}`);
    expect((await tenant.api.request('PATCH', `/v1/hooks/${second.id}`, { uid: 'crm.prod-1' })).status).toBe(
      200,
    );
    expect((await tenant.api.request('PATCH', `/v1/hooks/${second.id}`, { uid: null })).body).toMatchObject({
      uid: null,
    });
    expect((await hook('crm.prod-1')).status).toBe(201);
  });

  test('of two made at once one is', async () => {
    const replies = await Promise.all(Array.from({ length: 5 }, () => hook('at-once')));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
  });

  test('the same call again is answered as the first time', async () => {
    const again = () =>
      tenant.api.request(
        'POST',
        '/v1/hooks',
        { url: receiver.url, uid: 'idem' },
        { 'idempotency-key': 'uid-1' },
      );
    const [first, second] = [await again(), await again()];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
  });

  test.each(['', 'A', '-a', '.a', 'a b', 'ä', 'a'.repeat(64), 7, {}])('%j is none', async (uid) => {
    expect(refusal(await hook(uid))).toBe('400 invalid /uid');
  });

  test('63 characters are one', async () => {
    expect((await hook('a'.repeat(63))).status).toBe(201);
  });
});
