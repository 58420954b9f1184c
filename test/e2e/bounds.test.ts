/** What a registration may be at most, and how many of them there may be: the same in every API. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, type Hook, type Key, type Problem, type Reply, type Source, refusal } from '../support/api.ts';
import {
  createWebhook,
  DeskeraClient,
  registration,
  superofficeRefusal,
  webhook,
  WEBHOOKS,
} from '../support/dialects.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { newTenant, type Tenant } from '../support/tenant.ts';

const [MAX_HOOKS, MAX_SOURCES, MAX_KEYS] = [8, 3, 4];

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  const quotas = { MAX_HOOKS, MAX_SOURCES, MAX_KEYS };
  const env = Object.fromEntries(Object.entries(quotas).map(([name, most]) => [name, String(most)]));
  [relay, receiver] = await Promise.all([startRelay({ env }), startReceiver()]);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

const longUrl = (characters: number) => receiver.url.padEnd(characters, 'x');
const patterns = (count: number, characters: number) =>
  Array.from({ length: count }, (_, at) => `${at}.`.padEnd(characters, 'x'));
const deep = (segments: number) => Array.from({ length: segments }, () => 'a').join('.');
const headers = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, 'v'.repeat(4096)]));

describe('A2: a registration is refused beyond its bounds, and nothing is made', () => {
  beforeAll(async () => {
    tenant = await newTenant(relay);
  });

  test.each<[string, () => Readonly<Record<string, unknown>>, string[]]>([
    ['a longer URL', () => ({ url: longUrl(4001) }), ['/url']],
    ['401 patterns', () => ({ events: patterns(401, 6) }), ['/events']],
    ['patterns of more than 8,000 characters', () => ({ events: patterns(21, 400) }), ['/events']],
    ['a pattern of 17 segments', () => ({ events: ['a', deep(17)] }), ['/events/1']],
    ['more than 64 KiB', () => ({ headers: headers(16) }), ['/headers']],
  ])('natively: %s', async (_name, draw, paths) => {
    const drawn = draw();
    const made = await tenant.api.createHook({ url: receiver.url });
    const refused = [
      await tenant.api.request('POST', '/v1/hooks', { url: receiver.url, ...drawn }),
      await tenant.api.request('PATCH', `/v1/hooks/${made.id}`, drawn),
    ];
    for (const reply of refused) {
      expect(refusal(reply)).toBe(['400 invalid', ...paths].join(' '));
      expect((reply.body as Problem).errors?.[0]).toMatchObject({
        expected: expect.stringMatching(/at most|characters/) as string,
      });
    }
    expect(await tenant.api.hook(made.id)).toEqual(asListed(made));
    await tenant.api.expect(204, 'DELETE', `/v1/hooks/${made.id}`);
    expect(await tenant.api.pages('/v1/hooks')).toEqual([]);
  });

  /** A hook as it is answered later, without its secret. */
  function asListed({ secret: _secret, ...hook }: Hook) {
    return hook;
  }

  test('natively: what a patch makes of a hook is bounded, not the patch alone', async () => {
    const { id } = await tenant.api.createHook({ url: receiver.url, headers: headers(14) });
    const more = { headers: { 'x-more': 'v'.repeat(4096), 'x-most': 'v'.repeat(4096) } };
    expect(refusal(await tenant.api.request('PATCH', `/v1/hooks/${id}`, more))).toBe('400 invalid /headers');
    await tenant.api.patchHook(id, { headers: { 'x-0': null, ...{ 'x-more': 'v'.repeat(4096) } } });
    await tenant.api.expect(204, 'DELETE', `/v1/hooks/${id}`);
  });

  test('natively: up to the bounds it is taken', async () => {
    const members = { url: longUrl(4000), events: [...patterns(398, 20), deep(16)], headers: headers(12) };
    const { id } = await tenant.api.createHook(members);
    await tenant.api.expect(204, 'DELETE', `/v1/hooks/${id}`);
  });

  test('natively: the types of a replay are bounded like patterns', async () => {
    const { id } = await tenant.api.createHook({ url: receiver.url });
    const replay = (types: readonly string[]) =>
      tenant.api.request('POST', `/v1/hooks/${id}/replay`, { from: '2026-01-01T00:00:00Z', types });
    expect(refusal(await replay(patterns(21, 400)))).toBe('400 invalid /types');
    expect(refusal(await replay(['a', deep(17)]))).toBe('400 invalid /types/1');
    await tenant.api.expect(204, 'DELETE', `/v1/hooks/${id}`);
  });

  test('in Deskera’s way', async () => {
    const client = new DeskeraClient(relay.url, tenant.key);
    const register = (url: string) => client.request('POST', '/v1/webhooks/register', registration(url));
    for (const characters of [4001, 900_000]) {
      const reply = await register(longUrl(characters));
      expect(reply.status).toBe(400);
      expect(reply.body).toMatchObject({
        httpStatus: 'BAD_REQUEST',
        errors: [
          { field: 'webhookUrl', error: `expected a URL of at most 4000 characters, got ${characters}` },
        ],
      });
    }
    expect(await client.list()).toEqual([]);
    expect((await register(longUrl(4000))).status).toBe(200);
  });

  test.each([
    ['Properties', { text: 'x'.repeat(900_000) }],
    ['Properties', { text: 'ä'.repeat(33_000) }],
    ['Headers', headers(16)],
    ['Events', [deep(17)]],
    ['TargetUrl', `https://example.com/${'x'.repeat(4000)}`],
  ])('in SuperOffice’s way: %s; nothing is sent', async (member, value) => {
    const { WebhookId } = await createWebhook(tenant, webhook(receiver.url));
    const before = receiver.arrivals.length;
    const large = webhook(receiver.url, { [member]: value });
    const replies: Reply[] = [
      await tenant.api.request('POST', WEBHOOKS, large),
      await tenant.api.request('PUT', `${WEBHOOKS}/${WebhookId}`, large),
      await tenant.api.request('PATCH', `${WEBHOOKS}/${WebhookId}`, { [member]: value }),
      await tenant.api.request('POST', '/api/v1/Agents/Webhook/SaveWebhook', large),
    ];
    for (const reply of replies) {
      const [status, message] = superofficeRefusal(reply);
      expect([status, message.slice(0, 60)]).toEqual([
        '400 ArgumentException',
        expect.stringMatching(new RegExp(`^Webhook ${member}: expected `)),
      ]);
    }
    expect(receiver.arrivals).toHaveLength(before);
    await tenant.api.expect(204, 'DELETE', `${WEBHOOKS}/${WebhookId}`);
  });

  test('in SuperOffice’s way: all that its own bounds allow of event names is taken', async () => {
    const Events = patterns(400, 9);
    const { WebhookId } = await createWebhook(tenant, webhook(receiver.url, { Events }));
    await tenant.api.expect(204, 'DELETE', `${WEBHOOKS}/${WebhookId}`);
  });
});

describe('quotas', () => {
  const full = /^403 quota-exceeded$/;

  test('hooks, whichever API makes them; one that is deleted makes room', async () => {
    const { api, key } = await newTenant(relay);
    const deskera = new DeskeraClient(relay.url, key);
    const made: Hook[] = [];
    for (let n = 0; n < MAX_HOOKS; n += 1) made.push(await api.createHook({ url: receiver.url }));
    const native = await api.request('POST', '/v1/hooks', { url: receiver.url });
    expect(refusal(native)).toMatch(full);
    expect((native.body as Problem).detail).toContain(`at most ${MAX_HOOKS} hooks`);
    expect(superofficeRefusal(await api.request('POST', WEBHOOKS, webhook(receiver.url)))[0]).toMatch(
      /^403 /,
    );
    const registered = () => deskera.request('POST', '/v1/webhooks/register', registration(receiver.url));
    expect((await registered()).body).toMatchObject({ code: 403, httpStatus: 'FORBIDDEN' });
    expect(await api.pages('/v1/hooks')).toHaveLength(MAX_HOOKS);

    await api.expect(204, 'DELETE', `/v1/hooks/${made[0]?.id ?? 0}`);
    expect((await registered()).status).toBe(200);
    expect((await registered()).status).toBe(403);
    expect((await (await newTenant(relay)).api.createHook({ url: receiver.url })).id).toBe(1);
  });

  test('a call repeated with its Idempotency-Key is answered as before, also when there is no room left', async () => {
    const { api } = await newTenant(relay);
    const create = (key: string) =>
      api.request('POST', '/v1/hooks', { url: receiver.url }, { 'idempotency-key': key });
    const first = await create('first');
    for (let n = 1; n < MAX_HOOKS; n += 1) await api.createHook({ url: receiver.url });
    expect(refusal(await create('late'))).toMatch(full);
    expect((await create('first')).body).toEqual(first.body);
    await api.expect(204, 'DELETE', '/v1/hooks/2');
    expect((await create('late')).status).toBe(201);
  });

  test('sources', async () => {
    const { api } = await newTenant(relay);
    const members = { provider: 'deskera', name: 's' };
    const made: Source[] = [];
    for (let n = 0; n < MAX_SOURCES; n += 1) made.push(await api.createSource(members));
    expect(refusal(await api.request('POST', '/v1/sources', members))).toMatch(full);
    await api.expect(204, 'DELETE', `/v1/sources/${made[1]?.id ?? ''}`);
    await api.createSource(members);
    expect(refusal(await api.request('POST', '/v1/sources', members))).toMatch(full);
  });

  test('keys: revoked ones do not count', async () => {
    // It has one of its own.
    const { api } = await newTenant(relay);
    const made: Key[] = [];
    for (let n = 1; n < MAX_KEYS; n += 1) made.push(await api.createKey());
    expect(refusal(await api.request('POST', '/v1/keys', { name: 'k' }))).toMatch(full);
    await api.expect(204, 'DELETE', `/v1/keys/${made[0]?.id ?? ''}`);
    await api.createKey();
    expect(refusal(await api.request('POST', '/v1/keys', { name: 'k' }))).toMatch(full);
    const operator = new Api(relay.url, relay.adminKey);
    expect((await operator.request('GET', '/v1/keys')).status).toBe(200);
  });
});
