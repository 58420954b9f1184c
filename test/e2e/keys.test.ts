/** Keys: what each role may do on every route there is, which hooks a subscriber sees, and when a key ends. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, type Hook, refusal, type Reply, type Source } from '../support/api.ts';
import { type ApiDocument, answersOf } from '../support/answers.ts';
import {
  createWebhook,
  DeskeraClient,
  deskeraRefusal,
  registration,
  superofficeRefusal,
  webhook,
  WEBHOOKS,
} from '../support/dialects.ts';
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
import { until } from '../support/until.ts';

const ROLES = ['admin', 'subscriber', 'publisher', 'viewer'] as const;
type Role = (typeof ROLES)[number];

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
let document: ApiDocument;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  tenant = await newTenant(relay);
  ({ document } = await answersOf(relay.url));
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

interface MadeKey {
  readonly id: string;
  readonly key: string;
  readonly role: Role;
  readonly expiresAt: string | null;
}

async function makeKey(members: Readonly<Record<string, unknown>>, owner = tenant): Promise<MadeKey> {
  return (await owner.api.expect(201, 'POST', '/v1/keys', { name: 'test', ...members })) as MadeKey;
}

async function withRole(role: Role, owner = tenant): Promise<Api & { readonly key: string }> {
  const { key } = await makeKey({ role }, owner);
  return Object.assign(new Api(relay.url, key), { key });
}

const EVERY = [...ROLES];
const NOBODY: Role[] = [];
const MANAGING: Role[] = ['admin'];
const READING: Role[] = ['admin', 'viewer'];
const HOOKS: Role[] = ['admin', 'subscriber'];
const READING_HOOKS: Role[] = ['admin', 'subscriber', 'viewer'];

/** Who may call the routes of the native API. A route that is not here fails the test until that is decided. */
const ALLOWED: Readonly<Record<string, readonly Role[]>> = {
  'GET /v1/me': EVERY,
  'GET /v1/sources/{id}/refusals': READING,
  'GET /v1/hooks/{id}/listen': HOOKS,
  'GET /v1/tail': READING_HOOKS,
  'POST /v1/import': MANAGING,
  'POST /v1/expunges': MANAGING,
  'GET /v1/expunges/{id}': READING,
  'POST /v1/secrets/reencrypt': NOBODY,
  'GET /v1/audit': READING,
  'GET /v1/audit/verify': READING,
  'GET /healthz': EVERY,
  'POST /v1/tenants': NOBODY,
  'GET /v1/tenants': NOBODY,
  'DELETE /v1/tenants/{id}': NOBODY,
  'GET /v1/switches': NOBODY,
  'PUT /v1/switches': NOBODY,
  'POST /v1/keys': MANAGING,
  'GET /v1/keys': READING,
  'DELETE /v1/keys/{id}': MANAGING,
  'GET /v1/providers': READING,
  'GET /v1/providers/{id}': READING,
  'POST /v1/sources': MANAGING,
  'GET /v1/sources': READING,
  'GET /v1/sources/{id}': READING,
  'PATCH /v1/sources/{id}': MANAGING,
  'DELETE /v1/sources/{id}': MANAGING,
  'GET /v1/sources/{id}/secret': MANAGING,
  'POST /v1/sources/{id}/confirm': MANAGING,
  'POST /v1/sources/{id}/rotate-secret': MANAGING,
  'POST /v1/sources/{id}/rotate-url': MANAGING,
  'GET /v1/sources/{id}/setup': MANAGING,
  'POST /v1/filters/test': MANAGING,
  'POST /v1/templates/preview': MANAGING,
  'GET /v1/templates': READING_HOOKS,
  'POST /v1/hooks': HOOKS,
  'GET /v1/hooks': READING_HOOKS,
  'GET /v1/hooks/{id}': READING_HOOKS,
  'PATCH /v1/hooks/{id}': HOOKS,
  'DELETE /v1/hooks/{id}': HOOKS,
  'GET /v1/hooks/{id}/secret': HOOKS,
  'POST /v1/hooks/{id}/rotate-secret': HOOKS,
  'GET /v1/hooks/{id}/public-key': READING_HOOKS,
  'POST /v1/hooks/{id}/pause': HOOKS,
  'POST /v1/hooks/{id}/resume': HOOKS,
  'POST /v1/hooks/{id}/test': HOOKS,
  'GET /metrics': READING,
  'GET /v1/deliveries': READING_HOOKS,
  'GET /v1/hooks/{id}/deliveries': READING_HOOKS,
  'GET /v1/hooks/{id}/deliveries/{eventId}': READING_HOOKS,
  'POST /v1/hooks/{id}/deliveries/{eventId}/retry': HOOKS,
  'POST /v1/hooks/{id}/deliveries/{eventId}/cancel': HOOKS,
  'POST /v1/hooks/{id}/retry': HOOKS,
  'POST /v1/hooks/{id}/cancel': HOOKS,
  'POST /v1/hooks/{id}/replay': HOOKS,
  'GET /v1/hooks/{id}/replay': READING_HOOKS,
  'DELETE /v1/hooks/{id}/replay': HOOKS,
  'POST /v1/events': ['admin', 'publisher'],
  'GET /v1/events': READING,
  'GET /v1/events/{id}': READING,
  'DELETE /v1/events/{id}': MANAGING,
  'GET /v1/events/{id}/raw': READING,
  'GET /v1/export': READING,
  'GET /v1/stats': READING,
  'GET /v1/stats/series': READING,
};

function allowedOn(route: string): readonly Role[] | undefined {
  // A signal goes to every hook of the tenant.
  if (/\/api\/v1\/.*(?:\{primaryKey\}|SignalEvent)$/.test(route)) return MANAGING;
  if (/\/Agents\/Webhook\/(?:Get|Create)/.test(route)) return READING_HOOKS;
  if (/ (?:\/v1)?\/webhooks?(?:\/|$)| .*\/api\/v1\/(?:Agents\/)?Webhook/.test(route)) {
    return route.startsWith('GET ') ? READING_HOOKS : HOOKS;
  }
  // The token is the credential.
  if (route.includes(' /in/')) return EVERY;
  return ALLOWED[route];
}

function isForbidden(reply: Reply): boolean {
  return reply.status === 403;
}

describe('I13: roles', () => {
  const routes = () =>
    Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );

  test('it is decided for every documented route who may call it', () => {
    expect(routes().filter((route) => allowedOn(route) === undefined)).toEqual([]);
    expect(Object.keys(ALLOWED).filter((route) => !routes().includes(route))).toEqual([]);
    expect(routes().length).toBeGreaterThan(40);
  });

  test.each(ROLES)('%s: every route is open or forbidden as decided', async (role) => {
    const { key } = await makeKey({ role });
    const api = new Api(relay.url, key);
    for (const route of routes()) {
      const [method = '', template = ''] = route.split(' ');
      const path = template.replace('{tenant}', tenant.id).replaceAll(/\{\w+\}/g, '4242');
      const body = method === 'GET' || method === 'DELETE' ? undefined : {};
      const reply = await api.request(method, path, body, { 'x-access-token': key });
      const isOpen = allowedOn(route)?.includes(role) ?? false;
      expect([route, isForbidden(reply)]).toEqual([route, !isOpen]);
      expect([route, reply.status === 401]).toEqual([route, false]);
      if (isOpen) continue;
      if (/\/api\/v1\/(?:Agents\/)?Webhook(?:\/|$)/.test(template)) {
        expect(superofficeRefusal(reply)[0]).toBe('403 SoSecurityException');
      } else if (template.includes('/webhook')) expect(deskeraRefusal(reply)).toBe('403 FORBIDDEN');
      else expect(refusal(reply)).toBe('403 forbidden');
    }
  });

  test('a forbidden call changes nothing, and what is allowed works', async () => {
    const own = await newTenant(relay);
    const source = await own.api.createSource({ provider: 'superoffice', name: 's' });
    const viewer = await withRole('viewer', own);
    const publisher = await withRole('publisher', own);
    for (const api of [viewer, publisher]) {
      expect((await api.request('DELETE', `/v1/sources/${source.id}`)).status).toBe(403);
      expect((await api.request('POST', '/v1/hooks', { url: receiver.url })).status).toBe(403);
      expect((await api.request('POST', '/v1/keys', { name: 'more', role: 'admin' })).status).toBe(403);
    }
    expect((await viewer.request('POST', '/v1/events', ownEvent())).status).toBe(403);
    expect(await own.api.pages('/v1/sources')).toHaveLength(1);
    expect(await own.api.pages('/v1/hooks')).toEqual([]);
    expect(await own.api.pages('/v1/keys')).toHaveLength(3);
    const { id } = await publisher.publish(ownEvent());
    expect((await viewer.event(id)).event.posthornid).toBe(id);
  });
});

describe('a viewer sees no secret', () => {
  let source: Source;
  let hook: Hook;
  let viewer: Api & { readonly key: string };
  let own: Tenant;
  beforeAll(async () => {
    own = await newTenant(relay);
    source = await own.api.createSource({ provider: 'superoffice', name: 's' });
    hook = await own.api.createHook({ url: receiver.url, headers: { authorization: 'hunter2' } });
    await createWebhook(own, webhook(receiver.url, { Secret: 'hunter3' }));
    viewer = await withRole('viewer', own);
  });

  test('in anything it may read', async () => {
    const { id: eventId } = accepted(await arriveSigned(source, superofficeBody()));
    await until(
      () => own.api.explain(eventId, hook.id),
      ({ status }) => status === 'delivered',
    );
    const secrets = [
      source.secret,
      hook.secret,
      'hunter2',
      'hunter3',
      source.inboundUrl,
      own.key,
      viewer.key,
    ];
    const token = new URL(source.inboundUrl).pathname.slice('/in/'.length);
    for (const path of [
      '/v1/keys',
      '/v1/sources',
      `/v1/sources/${source.id}`,
      '/v1/hooks',
      `/v1/hooks/${hook.id}`,
      `/v1/hooks/${hook.id}/deliveries`,
      `/v1/hooks/${hook.id}/deliveries/${eventId}`,
      '/v1/events',
      `/v1/events/${eventId}`,
      `/v1/events/${eventId}/raw`,
      '/v1/stats',
      WEBHOOKS,
    ]) {
      const { status, text } = await viewer.request('GET', path);
      expect([path, status]).toEqual([path, 200]);
      expect([path, [...secrets, token].filter((secret) => text.includes(secret))]).toEqual([path, []]);
    }
  });

  test('the token of an inbound URL is masked for it, and for nobody else', async () => {
    const masked = { inboundUrl: `${relay.url}/in/***` };
    expect(await viewer.expect(200, 'GET', `/v1/sources/${source.id}`)).toMatchObject(masked);
    expect(await viewer.pages('/v1/sources')).toMatchObject([masked]);
    const whole = { inboundUrl: source.inboundUrl };
    expect(await own.api.expect(200, 'GET', `/v1/sources/${source.id}`)).toMatchObject(whole);
    expect(await new Api(relay.url, relay.adminKey, own.id).pages('/v1/sources')).toMatchObject([whole]);
    const { description } = (
      document.components.schemas['Source'] as {
        properties: { inboundUrl: { description: string } };
      }
    ).properties.inboundUrl;
    expect(description).toContain('/in/***');
  });
});

describe('a subscriber', () => {
  test('sees and touches only the hooks made with its own key, in all three APIs', async () => {
    const own = await newTenant(relay);
    const [mine, theirs] = [await withRole('subscriber', own), await withRole('subscriber', own)];
    const native = await mine.createHook({ url: receiver.url });
    const client = new DeskeraClient(relay.url, mine.key);
    const registered = await client.register(registration('https://example.com/hook'));
    const made = await createWebhook({ api: mine }, webhook(receiver.url));
    const ofAdmin = await own.api.createHook({ url: receiver.url });
    const ids = [native.id, registered.hookId, made.WebhookId];

    const idsOf = async (api: Api) =>
      (await api.pages<{ id: number }>('/v1/hooks?order=asc')).map(({ id }) => id);
    expect(await idsOf(mine)).toEqual(ids);
    expect(await idsOf(theirs)).toEqual([]);
    expect(await idsOf(own.api)).toEqual([...ids, ofAdmin.id]);
    expect(await idsOf(await withRole('viewer', own))).toEqual([...ids, ofAdmin.id]);

    expect(await client.list()).toEqual([registered]);
    const otherClient = new DeskeraClient(relay.url, theirs.key);
    expect(await otherClient.list()).toEqual([]);
    expect(deskeraRefusal(await otherClient.request('DELETE', `/webhook/delete/${registered.hookId}`))).toBe(
      '404 NOT_FOUND',
    );
    expect(await mine.expect(200, 'GET', WEBHOOKS)).toHaveLength(1);
    expect(await theirs.expect(200, 'GET', WEBHOOKS)).toEqual([]);
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const body = method === 'PUT' ? webhook(receiver.url) : undefined;
      const reply = await theirs.request(method, `${WEBHOOKS}/${made.WebhookId}`, body);
      expect(superofficeRefusal(reply)[0]).toBe('404 SoNotFoundException');
    }
    for (const id of [...ids, ofAdmin.id]) {
      for (const [method, rest] of [
        ['GET', ''],
        ['PATCH', ''],
        ['DELETE', ''],
        ['GET', '/secret'],
        ['POST', '/pause'],
        ['POST', '/resume'],
        ['POST', '/test'],
        ['POST', '/rotate-secret'],
        ['GET', '/deliveries'],
      ] as const) {
        const body = method === 'PATCH' ? { name: 'stolen' } : undefined;
        const reply = await theirs.request(method, `/v1/hooks/${id}${rest}`, body);
        expect([method, rest, refusal(reply)]).toEqual([method, rest, '404 not-found']);
      }
    }
    expect(await mine.hook(native.id)).toMatchObject({ name: '', state: 'active' });
    expect(refusal(await mine.request('GET', `/v1/hooks/${ofAdmin.id}`))).toBe('404 not-found');
    await mine.expect(204, 'DELETE', `/v1/hooks/${registered.hookId}`);
    expect(await client.list()).toEqual([]);
  });

  test('that has a role of its own changes it by no call', async () => {
    const subscriber = await withRole('subscriber');
    expect(refusal(await subscriber.request('POST', '/v1/keys', { name: 'x', role: 'admin' }))).toBe(
      '403 forbidden',
    );
    expect(
      refusal(await subscriber.request('GET', '/v1/hooks', undefined, { 'posthorn-tenant': 'default' })),
    ).toBe('403 forbidden');
  });
});

describe('making keys', () => {
  test('admin is the role of those that name none; role and end are answered and listed, the key is not', async () => {
    const own = await newTenant(relay);
    const made = await makeKey({ name: 'plain' }, own);
    expect(made).toMatchObject({ role: 'admin', expiresAt: null });
    expect(made.key).toMatch(/^ph_/);
    const expiresAt = '2999-01-01T01:00:00.000+01:00';
    const ending = await makeKey({ role: 'viewer', expiresAt }, own);
    expect(ending).toMatchObject({ role: 'viewer', expiresAt: '2999-01-01T00:00:00.000Z' });
    const listed = await own.api.pages<Record<string, unknown>>('/v1/keys?order=asc');
    expect(listed.map(({ id }) => id).slice(1)).toEqual([made.id, ending.id]);
    for (const one of listed) expect(one).not.toHaveProperty('key');
  });

  test.each([
    ['/role', { role: 'operator' }],
    ['/role', { role: 'Admin' }],
    ['/role', { role: null }],
    ['/expiresAt', { expiresAt: '2020-01-01T00:00:00Z' }],
    ['/expiresAt', { expiresAt: 'tomorrow' }],
    ['/expiresAt', { expiresAt: '2999-01-01' }],
    ['/expiresAt', { expiresAt: 4_000_000_000 }],
    ['/name', { name: 7 }],
    ['/name', { name: 'n'.repeat(401) }],
    ['/tenant', { tenant: 'default' }],
  ])('%s is refused: %j', async (path, members) => {
    const reply = await tenant.api.request('POST', '/v1/keys', { name: 'x', ...members });
    expect(refusal(reply)).toBe(`400 invalid ${path}`);
  });

  test('a time that has just passed is none to come', async () => {
    const expiresAt = new Date(Date.now() - 1).toISOString();
    expect(refusal(await tenant.api.request('POST', '/v1/keys', { name: 'x', expiresAt }))).toBe(
      '400 invalid /expiresAt',
    );
  });
});

describe('the end of a key', () => {
  test('one that expires stops at its time, in every API', async () => {
    const { key } = await makeKey({ expiresAt: new Date(Date.now() + 1500).toISOString() });
    const api = new Api(relay.url, key);
    const client = new DeskeraClient(relay.url, key);
    expect((await api.request('GET', '/v1/hooks')).status).toBe(200);
    expect((await client.request('GET', '/v1/webhooks')).status).toBe(200);
    await until(
      () => api.request('GET', '/v1/hooks'),
      ({ status }) => status === 401,
    );
    expect(deskeraRefusal(await client.request('GET', '/v1/webhooks'))).toBe('401 UNAUTHORIZED');
    expect(superofficeRefusal(await api.request('GET', WEBHOOKS))[0]).toBe('401 SoAuthenticationException');
  });

  test('one that is revoked before it was used never works', async () => {
    const { id, key } = await makeKey({});
    await tenant.api.expect(204, 'DELETE', `/v1/keys/${id}`);
    expect(refusal(await new Api(relay.url, key).request('GET', '/v1/hooks'))).toBe('401 unauthorized');
    expect(refusal(await tenant.api.request('DELETE', `/v1/keys/${id}`))).toBe('404 not-found');
    expect((await tenant.api.pages<{ id: string }>('/v1/keys')).map((listed) => listed.id)).not.toContain(id);
  });

  test('one that is revoked after it was used is unknown to a relay that starts again; its hooks go on', async () => {
    const { id, key } = await makeKey({ role: 'subscriber' });
    const api = new Api(relay.url, key);
    const hook = await api.createHook({ url: `${receiver.url}goes-on`, events: ['goes.on'] });
    await tenant.api.expect(204, 'DELETE', `/v1/keys/${id}`);
    await relay.kill9();
    await relay.restart();
    expect(refusal(await api.request('GET', '/v1/hooks'))).toBe('401 unauthorized');
    expect(await tenant.api.hook(hook.id)).toMatchObject({ state: 'active' });
    await tenant.api.publish(ownEvent({ type: 'goes.on' }));
    await receiver.waitFor((all) => all.some(({ path }) => path === '/goes-on'));
  });
});
