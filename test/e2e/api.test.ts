/** The native API as a client meets it: defaults, patches, limits, and secrets that stay secret. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, refusal } from '../support/api.ts';
import { answersOf } from '../support/answers.ts';
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
import { verify } from '../support/verify.ts';

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  tenant = await newTenant(relay);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

describe('a hook', () => {
  test('has the defaults of the contract', async () => {
    const hook = await tenant.api.createHook({ url: receiver.url });
    expect(hook).toMatchObject({
      name: '',
      events: ['*'],
      sources: null,
      format: 'structured',
      headers: {},
      paused: false,
      ordering: 'subject',
      concurrency: 1,
      retry: {
        scheduleSeconds: [5, 30, 300, 900, 1800, 3600, 7200, ...Array<number>(13).fill(21_600)],
        jitter: 0.1,
        timeoutSeconds: 15,
        giveUpOn: [],
        disableAfterSeconds: 432_000,
      },
      rateLimit: null,
      state: 'active',
      stateReason: null,
    });
    expect(hook.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    await tenant.api.expect(204, 'DELETE', `/v1/hooks/${hook.id}`);
  });

  const own = {
    name: 'mine',
    events: ['a.b', 'c.*'],
    format: 'raw',
    headers: { authorization: 'Bearer x', 'x-y': 'z' },
    paused: true,
    ordering: 'fifo',
    retry: {
      scheduleSeconds: [1, 2],
      jitter: 0,
      timeoutSeconds: 3,
      giveUpOn: [418],
      disableAfterSeconds: 3600,
    },
    rateLimit: { perSecond: 9 },
  };

  test('PATCH is a merge patch: null puts a member back to its default or removes a header', async () => {
    const { id } = await tenant.api.createHook({ url: receiver.url, ...own });
    expect(
      await tenant.api.patchHook(id, { retry: { jitter: 0.5 }, headers: { 'x-y': null, 'X-New': '1' } }),
    ).toMatchObject({
      ...own,
      retry: { ...own.retry, jitter: 0.5 },
      headers: { authorization: '***', 'x-new': '***' },
    });
    const reset = {
      name: null,
      events: null,
      format: null,
      headers: null,
      paused: null,
      ordering: null,
      retry: null,
      rateLimit: null,
    };
    const { name, events, format, headers, paused, ordering, rateLimit } = (await tenant.api.patchHook(
      id,
      reset,
    )) as unknown as typeof own;
    expect({ name, events, format, headers, paused, ordering, rateLimit }).toEqual({
      name: '',
      events: ['*'],
      format: 'structured',
      headers: {},
      paused: false,
      ordering: 'subject',
      rateLimit: null,
    });
    await tenant.api.expect(204, 'DELETE', `/v1/hooks/${id}`);
  });

  test('I10: two PATCHes at once both land', async () => {
    const { id } = await tenant.api.createHook({ url: receiver.url, events: ['none'] });
    for (let n = 0; n < 10; n += 1) {
      await Promise.all([
        tenant.api.patchHook(id, { name: `name ${n}` }),
        tenant.api.patchHook(id, { events: [`none.n${n}`] }),
        tenant.api.patchHook(id, { retry: { jitter: n / 100 } }),
        tenant.api.patchHook(id, { retry: { timeoutSeconds: n + 1 } }),
        tenant.api.patchHook(id, { headers: { [`x-${n}`]: 'v' } }),
      ]);
      expect(await tenant.api.hook(id)).toMatchObject({
        name: `name ${n}`,
        events: [`none.n${n}`],
        retry: { jitter: n / 100, timeoutSeconds: n + 1 },
      });
    }
    expect(Object.keys(((await tenant.api.hook(id)) as unknown as typeof own).headers)).toHaveLength(10);
  });

  test('I14: PATCH back what GET answered changes nothing; masked headers keep their values', async () => {
    const { api } = await newTenant(relay);
    const created = await api.createHook({
      ...own,
      url: `${receiver.url}i14`,
      events: ['i14.*'],
      format: 'structured',
      paused: false,
    });
    const read = await api.hook(created.id);
    const patched = await api.patchHook(created.id, read as unknown as Record<string, unknown>);
    expect({ ...patched, updatedAt: null }).toEqual({ ...read, updatedAt: null });
    expect(await api.expect(200, 'GET', `/v1/hooks/${created.id}/secret`)).toEqual({
      secret: created.secret,
    });
    await api.publish(ownEvent({ type: 'i14.it' }));
    const isIt = ({ path }: { path: string }) => path === '/i14';
    const arrival = (await receiver.waitFor((all) => all.some(isIt))).find(isIt);
    if (arrival === undefined) throw new Error('nothing arrived');
    expect(arrival.headers).toMatchObject(own.headers);
    verify(arrival, created.secret);
    // Also what was answered at creation, with its secret.
    await api.patchHook(created.id, created as unknown as Record<string, unknown>);
    expect(await api.expect(200, 'GET', `/v1/hooks/${created.id}/secret`)).toEqual({
      secret: created.secret,
    });
  });

  test('A5: own secrets of 24 to 64 bytes are taken, others refused without showing them', async () => {
    for (const bytes of [24, 32, 64]) {
      const secret = `whsec_${randomBytes(bytes).toString('base64')}`;
      expect(await tenant.api.createHook({ url: receiver.url, events: ['none'], secret })).toMatchObject({
        secret,
      });
    }
    for (const secret of [
      `whsec_${randomBytes(23).toString('base64')}`,
      `whsec_${randomBytes(65).toString('base64')}`,
      'whsec_not*base64*not*base64*not*base64',
      'whsec_',
      '',
    ]) {
      const reply = await tenant.api.request('POST', '/v1/hooks', { url: receiver.url, secret });
      expect(refusal(reply)).toBe('400 invalid /secret');
      if (secret.length > 6) expect(reply.text).not.toContain(secret.slice(6, 30));
    }
  });

  test('sources must be those of the tenant', async () => {
    const { id } = await tenant.api.createSource({ provider: 'deskera', name: 'of a hook' });
    const hook = await tenant.api.createHook({ url: receiver.url, events: ['none'], sources: [id] });
    expect(hook).toMatchObject({ sources: [id] });
    for (const sources of [['src_none'], [id, 'x']]) {
      const path = `/sources/${sources.length - 1}`;
      const body = { url: receiver.url, sources };
      expect(refusal(await tenant.api.request('POST', '/v1/hooks', body))).toBe(`400 invalid ${path}`);
      expect(refusal(await tenant.api.request('PATCH', `/v1/hooks/${hook.id}`, { sources }))).toBe(
        `400 invalid ${path}`,
      );
    }
  });

  test('limits of the contract: the last allowed value is taken, the next refused', async () => {
    const limits: readonly [members: object, beyond: object, path: string][] = [
      [{ name: 'x'.repeat(400) }, { name: 'x'.repeat(401) }, '/name'],
      [{ events: Array(400).fill('a.b') }, { events: Array(401).fill('a.b') }, '/events'],
      [{ events: ['a'] }, { events: [] }, '/events'],
      [{ events: ['a.*'] }, { events: ['a.b*'] }, '/events/0'],
      [
        { retry: { scheduleSeconds: Array(20).fill(1) } },
        { retry: { scheduleSeconds: Array(21).fill(1) } },
        '/retry/scheduleSeconds',
      ],
      [
        { retry: { scheduleSeconds: [604_800] } },
        { retry: { scheduleSeconds: [604_801] } },
        '/retry/scheduleSeconds/0',
      ],
      [{ retry: { scheduleSeconds: [1] } }, { retry: { scheduleSeconds: [0] } }, '/retry/scheduleSeconds/0'],
      [{ retry: { scheduleSeconds: [] } }, { retry: { scheduleSeconds: [1.5] } }, '/retry/scheduleSeconds/0'],
      [{ retry: { jitter: 0.5 } }, { retry: { jitter: 0.51 } }, '/retry/jitter'],
      [{ retry: { jitter: 0 } }, { retry: { jitter: -0.1 } }, '/retry/jitter'],
      [{ retry: { timeoutSeconds: 30 } }, { retry: { timeoutSeconds: 31 } }, '/retry/timeoutSeconds'],
      [{ retry: { timeoutSeconds: 1 } }, { retry: { timeoutSeconds: 0 } }, '/retry/timeoutSeconds'],
      [{ concurrency: 1 }, { concurrency: 7 }, '/concurrency'],
      [{ rateLimit: { perSecond: 1 } }, { rateLimit: { perSecond: 0 } }, '/rateLimit/perSecond'],
      [{ rateLimit: { perSecond: 1000 } }, { rateLimit: { perSecond: 1001 } }, '/rateLimit/perSecond'],
      [{ rateLimit: { perSecond: 2 } }, { rateLimit: { perSecond: 2.5 } }, '/rateLimit/perSecond'],
      [{ rateLimit: { perSecond: 2 } }, { rateLimit: { perSecond: '2' } }, '/rateLimit/perSecond'],
      [{ rateLimit: null }, { rateLimit: {} }, '/rateLimit/perSecond'],
      [{ rateLimit: null }, { rateLimit: { perSecond: 2, perMinute: 2 } }, '/rateLimit/perMinute'],
      [{ rateLimit: null }, { rateLimit: 5 }, '/rateLimit'],
      [{ ordering: 'none' }, { ordering: 'lifo' }, '/ordering'],
      [{ format: 'raw' }, { format: 'xml' }, '/format'],
    ];
    const { api } = await newTenant(relay);
    const hook = await api.createHook({ url: receiver.url });
    for (const [allowed, beyond, path] of limits) {
      await api.patchHook(hook.id, { ...allowed });
      expect(refusal(await api.request('PATCH', `/v1/hooks/${hook.id}`, beyond))).toBe(`400 invalid ${path}`);
      expect(refusal(await api.request('POST', '/v1/hooks', { url: receiver.url, ...beyond }))).toBe(
        `400 invalid ${path}`,
      );
    }
  });
});

describe('a source', () => {
  test('generates a secret where the provider signs; an empty one stays empty', async () => {
    const [signing, unsigned, deskera] = [
      await tenant.api.createSource({ provider: 'superoffice', name: 'a' }),
      await tenant.api.createSource({ provider: 'superoffice', name: 'b', secret: '' }),
      await tenant.api.createSource({ provider: 'deskera', name: 'c' }),
    ];
    expect(signing.secret.length).toBeGreaterThanOrEqual(32);
    expect([unsigned.secret, deskera.secret]).toEqual(['', null]);
    for (const { id, secret } of [signing, unsigned, deskera]) {
      expect(await tenant.api.expect(200, 'GET', `/v1/sources/${id}/secret`)).toEqual({ secret });
    }
    expect(signing.id).toMatch(/^src_/);
    expect(signing.inboundUrl.startsWith(`${relay.url}/in/`)).toBe(true);
  });

  test('I14: PATCH back what GET answered changes nothing', async () => {
    const { id, secret } = await tenant.api.createSource({
      provider: 'superoffice',
      name: 'i14',
      paths: { entityId: '/a', time: '/b' },
    });
    const path = `/v1/sources/${id}`;
    const read = await tenant.api.expect(200, 'GET', path);
    expect(await tenant.api.expect(200, 'PATCH', path, read)).toEqual(read);
    expect(await tenant.api.expect(200, 'GET', `${path}/secret`)).toEqual({ secret });
  });

  test('PATCH is a merge patch, and two at once both land', async () => {
    const { id } = await tenant.api.createSource({ provider: 'deskera', name: 'old', paths: { time: '/t' } });
    const path = `/v1/sources/${id}`;
    await Promise.all([
      tenant.api.expect(200, 'PATCH', path, { name: 'new' }),
      tenant.api.expect(200, 'PATCH', path, { paths: { entityId: '/id' } }),
    ]);
    expect(await tenant.api.expect(200, 'GET', path)).toMatchObject({
      name: 'new',
      paths: { time: '/t', entityId: '/id' },
    });
    const removed = await tenant.api.expect(200, 'PATCH', path, { paths: { time: null } });
    expect(removed).toMatchObject({ paths: { entityId: '/id' } });
    expect(await tenant.api.expect(200, 'PATCH', path, { paths: null })).toMatchObject({ paths: {} });
  });
});

test('A6: no secret, key or header value is in any answer but the one that is for it', async () => {
  const { api, key } = await newTenant(relay);
  const source = await api.createSource({ provider: 'superoffice', name: 'a6' });
  const hook = await api.createHook({ url: receiver.url, headers: { authorization: 'Bearer header-value' } });
  const other = await api.createKey();
  const { id } = accepted(await arriveSigned(source, superofficeBody()));
  const { document } = await answersOf(relay.url);
  let asked = 0;
  for (const [path, item] of Object.entries(document.paths)) {
    // Setup is what to tell the provider, its secret included.
    if (!('get' in item) || /\/(?:secret|setup)$/.test(path)) continue;
    const filled = path
      .replace('{eventId}', id)
      .replace(
        '{id}',
        path.includes('/hooks/') ? String(hook.id) : path.includes('/events/') ? id : source.id,
      );
    const reply = await api.request('GET', filled);
    asked += 1;
    for (const secret of [source.secret, hook.secret.slice(6), key, other.key, 'header-value']) {
      expect([filled, reply.text.includes(secret)]).toEqual([filled, false]);
    }
  }
  expect(asked).toBeGreaterThan(10);
  expect(relay.logs()).not.toContain(hook.secret.slice(6));
});

test('GET /healthz needs no key', async () => {
  const reply = await new Api(relay.url, null).request('GET', '/healthz');
  expect([reply.status, reply.body]).toEqual([200, { status: 'ok', version: expect.any(String) as unknown }]);
});

test('GET /v1/stats counts what was accepted and delivered', async () => {
  const { api } = await newTenant(relay);
  await api.createHook({ url: `${receiver.url}stats` });
  const event = ownEvent();
  const { id } = await api.publish(event);
  await receiver.waitFor((all) => all.some(({ headers }) => headers['webhook-id'] === id));
  expect(await api.expect(200, 'GET', '/v1/stats')).toMatchObject({
    accepted: 1,
    dead: 0,
    hooks: { active: 1, paused: 0, disabled: 0 },
    oldestEventAt: expect.any(String) as unknown,
  });
});

test('the tenant named default is always there, and the admin key acts in it unless told otherwise', async () => {
  const operator = new Api(relay.url, relay.adminKey);
  const source = await operator.createSource({ provider: 'deskera', name: 'of default' });
  const inDefault = new Api(relay.url, relay.adminKey, 'default');
  expect(await inDefault.expect(200, 'GET', `/v1/sources/${source.id}`)).toMatchObject({
    name: 'of default',
  });
  expect(refusal(await operator.request('POST', '/v1/tenants', { id: 'default' }))).toBe('409 conflict');
});

test('tenant ids: what the contract allows and reserves', async () => {
  const operator = new Api(relay.url, relay.adminKey);
  for (const id of ['a', '0', 'a-b', 'x'.repeat(63)]) await operator.createTenant(id);
  expect(refusal(await operator.request('POST', '/v1/tenants', { id: 'a' }))).toBe('409 conflict');
  const reserved = ['v1', 'api', 'in', 'console', 'docs', 'webhooks', 'healthz', 'metrics', 'openapi.json'];
  for (const id of [...reserved, '', '-a', 'A', 'a_b', 'ä', 'x'.repeat(64), 'a.b', ' a']) {
    expect([id, refusal(await operator.request('POST', '/v1/tenants', { id }))]).toEqual([
      id,
      '400 invalid /id',
    ]);
  }
  for (const jurisdiction of ['eu', 'us', 'fedramp']) {
    const reply = await operator.request('POST', '/v1/tenants', { id: 'somewhere', jurisdiction });
    expect(refusal(reply)).toBe('400 invalid /jurisdiction');
  }
});
