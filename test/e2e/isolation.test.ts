/** Tenants do not see each other: every route with another tenant's ids answers as with unknown ones. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, type Hook, type Source, refusal } from '../support/api.ts';
import { type ApiDocument, answersOf } from '../support/answers.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import {
  type Tenant,
  accepted,
  arriveSigned,
  newTenant,
  ownEvent,
  superofficeBody,
} from '../support/tenant.ts';

let relay: Relay;
let receiver: Receiver;
/** Has one of everything. */
let owner: Tenant;
/** Has nothing. */
let stranger: Tenant;
let source: Source;
let hook: Hook;
let eventId: string;
let keyId: string;
let document: ApiDocument;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  [owner, stranger] = [await newTenant(relay), await newTenant(relay)];
  source = await owner.api.createSource({ provider: 'superoffice', name: 'of the owner' });
  hook = await owner.api.createHook({ url: receiver.url });
  eventId = accepted(await arriveSigned(source, superofficeBody())).id;
  await receiver.waitFor(1);
  keyId = (await owner.api.createKey()).id;
  ({ document } = await answersOf(relay.url));
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

const UNKNOWN: Readonly<Record<string, string>> = {
  sources: 'src_00000000000000000000',
  hooks: '4242',
  events: 'evt_01J9Z3K4M5N6P7Q8R9S0T1V2W3',
  keys: 'key_00000000000000000000',
};

function idsOfOwner(): Readonly<Record<string, string>> {
  return { sources: source.id, hooks: String(hook.id), events: eventId, keys: keyId };
}

function filled(template: string, ids: Readonly<Record<string, string>>): string {
  const kind = /^\/v1\/(\w+)\//.exec(template)?.[1] ?? '';
  return template.replace('{id}', ids[kind] ?? '').replace('{eventId}', ids['events'] ?? '');
}

/** A body that would be valid, where the route takes one. */
function bodyFor(method: string, template: string): Record<string, unknown> | undefined {
  if (method === 'patch') return {};
  if (template.endsWith('/replay') && method === 'post') return { from: '2020-01-01T00:00:00Z' };
  return method === 'post' || method === 'put' ? {} : undefined;
}

describe('I5: another tenant’s ids answer as unknown ones', () => {
  test('on every documented route with an id', async () => {
    const routes = Object.entries(document.paths)
      .filter(([path]) => /^\/v1\/(?:sources|hooks|events|keys)\/\{id\}/.test(path))
      .flatMap(([path, item]) => Object.keys(item).map((method) => [method, path] as const));
    expect(routes.length).toBeGreaterThanOrEqual(16);
    for (const [method, path] of routes) {
      const body = bodyFor(method, path);
      const theirs = await stranger.api.request(method.toUpperCase(), filled(path, idsOfOwner()), body);
      const unknown = await stranger.api.request(method.toUpperCase(), filled(path, UNKNOWN), body);
      // Without an upgrade it says so, whoever asks for which hook; listen.test.ts has those with one.
      const expected = path.endsWith('/listen') ? '426 upgrade-required' : '404 not-found';
      expect([method, path, refusal(theirs)]).toEqual([method, path, expected]);
      expect([method, path, theirs.text]).toEqual([method, path, unknown.text]);
    }
  });

  test('and nothing of the owner has changed by it', async () => {
    expect(await owner.api.hook(hook.id)).toMatchObject({ state: 'active', url: receiver.url });
    expect(await owner.api.expect(200, 'GET', `/v1/sources/${source.id}`)).toMatchObject({
      name: 'of the owner',
    });
    expect((await owner.api.event(eventId)).deliveries).toMatchObject([
      { hookId: hook.id, status: 'delivered' },
    ]);
    const keys = await owner.api.pages<{ id: string }>('/v1/keys');
    expect(keys.map(({ id }) => id)).toContain(keyId);
  });

  test('the ids of hooks count in each tenant: one’s 1 is not the other’s', async () => {
    expect(hook.id).toBe(1);
    const other = await newTenant(relay);
    const own = await other.api.createHook({ url: `${receiver.url}other`, name: 'of the other' });
    expect(own.id).toBe(1);
    await other.api.patchHook(1, { name: 'changed' });
    expect(await owner.api.hook(1)).toMatchObject({ name: '' });
    await other.api.expect(204, 'DELETE', '/v1/hooks/1');
    expect(await owner.api.hook(1)).toMatchObject({ state: 'active' });
  });

  test('lists hold nothing of another tenant', async () => {
    for (const list of ['/v1/sources', '/v1/hooks', '/v1/events']) {
      expect(await stranger.api.expect(200, 'GET', list)).toEqual({ data: [], nextCursor: null });
    }
    expect(await stranger.api.events(`?sourceId=${source.id}`)).toEqual([]);
    expect(await stranger.api.pages('/v1/keys')).toHaveLength(1);
  });

  test('ids in bodies and queries are unknown too', async () => {
    const named = (id: string) => ({ url: receiver.url, sources: [id] });
    for (const id of [source.id, UNKNOWN['sources'] ?? '']) {
      expect(refusal(await stranger.api.request('POST', '/v1/hooks', named(id)))).toBe(
        '400 invalid /sources/0',
      );
    }
    const other = await newTenant(relay);
    const own = await other.api.publish(ownEvent());
    expect(refusal(await other.api.request('GET', `/v1/events/${own.id}?hook=${hook.id}`))).toBe(
      '404 not-found',
    );
  });

  test('a cursor of another tenant’s list is refused', async () => {
    for (let n = 0; n < 3; n += 1) await owner.api.publish(ownEvent());
    const page = await owner.api.expect(200, 'GET', '/v1/events?limit=1');
    const { nextCursor } = page as { nextCursor: string };
    const theirs = await stranger.api.request('GET', `/v1/events?cursor=${nextCursor}`);
    expect(refusal(theirs)).toBe('400 invalid query/cursor');
  });

  test('an event of one tenant reaches no hook of another', async () => {
    const other = await newTenant(relay);
    const theirs = await other.api.createHook({ url: `${receiver.url}unrelated` });
    const witness = await owner.api.createHook({ url: `${receiver.url}witness` });
    const { id } = await owner.api.publish(ownEvent());
    const isIt = (path: string) => (arrival: { path: string; headers: Record<string, unknown> }) =>
      arrival.path === path && arrival.headers['webhook-id'] === id;
    await receiver.waitFor((all) => all.some(isIt('/witness')));
    expect(receiver.arrivals.some(({ path }) => path === '/unrelated')).toBe(false);
    expect(await other.api.deliveries(theirs.id)).toEqual([]);
    await owner.api.expect(204, 'DELETE', `/v1/hooks/${witness.id}`);
  });
});

describe('I9: keys and tenants', () => {
  test('a tenant’s key with another tenant’s header is 403; with its own it works', async () => {
    const asOther = new Api(relay.url, stranger.key, owner.id);
    for (const path of ['/v1/hooks', '/v1/sources', '/v1/events', '/v1/keys', '/v1/stats']) {
      expect(refusal(await asOther.request('GET', path))).toBe('403 forbidden');
    }
    expect(
      refusal(await new Api(relay.url, stranger.key, 'no-such-tenant').request('GET', '/v1/hooks')),
    ).toBe('403 forbidden');
    expect((await new Api(relay.url, stranger.key, stranger.id).request('GET', '/v1/hooks')).status).toBe(
      200,
    );
  });

  test('calls for the operator are 403 for a tenant’s key', async () => {
    const calls = [
      ['POST', '/v1/tenants', { id: 'mine' }],
      ['GET', '/v1/tenants', undefined],
      ['DELETE', `/v1/tenants/${owner.id}`, undefined],
      ['DELETE', `/v1/tenants/${stranger.id}`, undefined],
    ] as const;
    for (const [method, path, body] of calls) {
      expect([path, refusal(await stranger.api.request(method, path, body))]).toEqual([
        path,
        '403 forbidden',
      ]);
    }
    expect((await owner.api.request('GET', '/v1/hooks')).status).toBe(200);
  });

  test('the admin key acts in the tenant it names; one that is not there is 404', async () => {
    const inOwner = new Api(relay.url, relay.adminKey, owner.id);
    expect(await inOwner.hook(hook.id)).toMatchObject({ id: hook.id });
    for (const unknown of ['no-such-tenant', 'NOT A TENANT', '']) {
      const reply = await new Api(relay.url, relay.adminKey, unknown).request('GET', '/v1/hooks');
      expect([unknown, refusal(reply)]).toEqual([unknown, '404 not-found']);
    }
  });

  test('a tenant made again under the same id has nothing of the former one', async () => {
    const operator = new Api(relay.url, relay.adminKey);
    const { id, api } = await newTenant(relay);
    const former = await api.createSource({ provider: 'superoffice', name: 'former' });
    await api.createHook({ url: `${receiver.url}former` });
    const event = accepted(await arriveSigned(former, superofficeBody()));
    await receiver.waitFor((all) => all.some(({ path }) => path === '/former'));
    await operator.expect(202, 'DELETE', `/v1/tenants/${id}`);
    const again = new Api(relay.url, relay.adminKey, id);
    for (;;) {
      const reply = await operator.request('POST', '/v1/tenants', { id });
      if (reply.status === 201) break;
      expect(refusal(reply)).toBe('409 conflict');
    }
    for (const list of ['/v1/sources', '/v1/hooks', '/v1/events', '/v1/keys']) {
      expect(await again.expect(200, 'GET', list)).toEqual({ data: [], nextCursor: null });
    }
    expect((await again.request('GET', `/v1/events/${event.id}`)).status).toBe(404);
    expect((await arriveSigned(former, superofficeBody())).status).toBe(404);
    // Its key is remembered for some seconds; until then it leads to a tenant that is not there.
    expect([401, 404]).toContain((await api.request('GET', '/v1/hooks')).status);
  });
});
