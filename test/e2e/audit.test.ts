/** Who changed what, and who read a secret: every call that does is in the audit, and a stranger can check its chain. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api } from '../support/api.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { newTenant, ownEvent } from '../support/tenant.ts';

interface Entry {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly from: string | null;
  readonly call: string;
  readonly target: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly hash: string;
}

let relay: Relay;
let receiver: Receiver;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

async function entriesOf(api: Api, query = ''): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = (await api.expect(
      200,
      'GET',
      `/v1/audit?order=asc&limit=7${query}${cursor === '' ? '' : `&cursor=${cursor}`}`,
    )) as { data: Entry[]; nextCursor: string | null };
    entries.push(...page.data);
    cursor = page.nextCursor;
  }
  return entries;
}

/** As the documentation tells a stranger to. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  );
}

test('audit: every change of a registration and every reading of a secret, in all three APIs', async () => {
  const { api, key } = await newTenant(relay);
  const deskera = { 'x-access-token': key };
  const source = await api.createSource({ provider: 'superoffice', name: 'one', secret: 'SOURCE-SECRET' });
  const hook = await api.createHook({ url: receiver.url, headers: { authorization: 'HEADER-VALUE' } });
  const at = `/v1/hooks/${hook.id}`;
  await api.expect(200, 'PATCH', at, { name: 'renamed', headers: { authorization: 'OTHER-VALUE' } });
  await api.expect(200, 'POST', `${at}/pause`);
  await api.expect(200, 'POST', `${at}/resume`);
  const { secret } = (await api.expect(200, 'POST', `${at}/rotate-secret`, {})) as { secret: string };
  await api.expect(200, 'GET', `${at}/secret`);
  await api.expect(200, 'PATCH', `/v1/sources/${source.id}`, { name: 'two' });
  await api.expect(200, 'GET', `/v1/sources/${source.id}/secret`);
  await api.expect(200, 'GET', `/v1/sources/${source.id}/setup`);
  await api.expect(200, 'POST', `/v1/sources/${source.id}/rotate-secret`, {});
  await api.expect(200, 'POST', `/v1/sources/${source.id}/rotate-url`, {});
  const other = (await api.expect(201, 'POST', '/v1/keys', { name: 'other', role: 'viewer' })) as {
    id: string;
    key: string;
  };
  await api.expect(204, 'DELETE', `/v1/keys/${other.id}`);
  expect((await api.request('GET', '/v1/export?secrets=true')).status).toBe(200);
  const registered = await api.request(
    'POST',
    '/v1/webhooks/register',
    {
      clientId: 'a',
      clientSecret: 'b',
      accessToken: 'c',
      refreshToken: 'd',
      eventType: 'CREATE_PRODUCTS',
      webhookUrl: receiver.url,
    },
    deskera,
  );
  const { hookId } = registered.body as { hookId: number };
  await api.request('DELETE', `/v1/webhooks/delete/${hookId}`, undefined, deskera);
  const webhook = await api.request('POST', '/api/v1/Webhook', {
    Name: 'w',
    Events: ['contact.changed'],
    TargetUrl: receiver.url,
    Secret: 'WEBHOOK-SECRET',
    State: 'Stopped',
  });
  expect(webhook.status, webhook.text).toBe(200);
  const { WebhookId } = webhook.body as { WebhookId: number };
  const so = `/api/v1/Webhook/${WebhookId}`;
  await api.request('PUT', so, { ...(webhook.body as object), Name: 'x' });
  await api.request('DELETE', so);
  const event = await api.publish(ownEvent({ data: 'PAYLOAD' }));
  await api.expect(204, 'DELETE', `/v1/events/${event.id}`);
  await api.expect(204, 'DELETE', at);
  await api.expect(204, 'DELETE', `/v1/sources/${source.id}`);
  // None of these changes or shows anything.
  await api.request('GET', at);
  await api.request('POST', '/v1/hooks', { url: 'nonsense' });
  await api.request('DELETE', at);

  const entries = await entriesOf(api);
  const [keyId] = entries.slice(1).map(({ actor }) => actor);
  expect(keyId).toMatch(/^key_/);
  expect(entries.map(({ actor, call, target }) => [actor === keyId ? 'me' : actor, call, target])).toEqual([
    ['admin', 'POST /v1/keys', `key/${keyId}`],
    ['me', 'POST /v1/sources', `source/${source.id}`],
    ['me', 'POST /v1/hooks', `hook/${hook.id}`],
    ['me', `PATCH ${at}`, `hook/${hook.id}`],
    ['me', `POST ${at}/pause`, `hook/${hook.id}`],
    ['me', `POST ${at}/resume`, `hook/${hook.id}`],
    ['me', `POST ${at}/rotate-secret`, `hook/${hook.id}`],
    ['me', `GET ${at}/secret`, `hook/${hook.id}`],
    ['me', `PATCH /v1/sources/${source.id}`, `source/${source.id}`],
    ['me', `GET /v1/sources/${source.id}/secret`, `source/${source.id}`],
    ['me', `GET /v1/sources/${source.id}/setup`, `source/${source.id}`],
    ['me', `POST /v1/sources/${source.id}/rotate-secret`, `source/${source.id}`],
    ['me', `POST /v1/sources/${source.id}/rotate-url`, `source/${source.id}`],
    ['me', 'POST /v1/keys', `key/${other.id}`],
    ['me', `DELETE /v1/keys/${other.id}`, `key/${other.id}`],
    ['me', 'GET /v1/export', 'export'],
    ['me', 'POST /v1/webhooks/register', `hook/${hookId}`],
    ['me', `DELETE /v1/webhooks/delete/${hookId}`, `hook/${hookId}`],
    ['me', 'POST /api/v1/Webhook', `hook/${WebhookId}`],
    ['me', `PUT ${so}`, `hook/${WebhookId}`],
    ['me', `DELETE ${so}`, `hook/${WebhookId}`],
    ['me', `DELETE /v1/events/${event.id}`, `event/${event.id}`],
    ['me', `DELETE ${at}`, `hook/${hook.id}`],
    ['me', `DELETE /v1/sources/${source.id}`, `source/${source.id}`],
  ]);
  expect(entries[3]).toMatchObject({
    before: { name: '', headers: { authorization: '***' } },
    after: { name: 'renamed', headers: { authorization: '***' } },
  });
  expect([entries[4]?.before, entries[4]?.after]).toEqual([{ paused: false }, { paused: true }]);
  expect([entries[6]?.before, entries[6]?.after]).toEqual([{ secret: '***' }, { secret: '***' }]);
  expect([entries[7]?.before, entries[7]?.after]).toEqual([null, null]);
  expect(entries[19]).toMatchObject({ before: { name: 'w' }, after: { name: 'x' } });
  expect([entries[2]?.before, entries.at(-1)?.after]).toEqual([null, null]);

  const text = JSON.stringify(entries);
  const token = source.inboundUrl.split('/').at(-1) ?? '';
  const secrets = ['SOURCE-SECRET', 'HEADER-VALUE', 'OTHER-VALUE', 'WEBHOOK-SECRET', 'PAYLOAD'];
  for (const word of [...secrets, secret, hook.secret, key, other.key, token])
    expect(text).not.toContain(word);

  // A stranger's check of the chain.
  let previous = '0'.repeat(64);
  for (const { hash, ...entry } of entries) {
    expect(
      createHash('sha256')
        .update(canonical({ ...entry, previous }))
        .digest('hex'),
    ).toBe(hash);
    previous = hash;
  }
  expect(await api.expect(200, 'GET', '/v1/audit/verify')).toEqual({
    ok: true,
    entries: entries.length,
    brokenAt: null,
    previousHash: '0'.repeat(64),
  });

  expect((await entriesOf(api, `&target=hook/${hook.id}`)).map(({ seq }) => seq)).toEqual([
    3, 4, 5, 6, 7, 8, 23,
  ]);
  expect((await entriesOf(api, '&actor=admin')).map(({ seq }) => seq)).toEqual([1]);
  expect(await entriesOf(api, `&actor=admin&target=hook/${hook.id}`)).toEqual([]);
  const newest = (await api.expect(200, 'GET', '/v1/audit?limit=1')) as { data: Entry[] };
  expect(newest.data).toEqual([entries.at(-1)]);
  expect((await api.request('GET', '/v1/audit?hook=7')).status).toBe(400);
});

test('audit: what the operator does to the whole relay is in the audit of the tenant default', async () => {
  const operator = new Api(relay.url, relay.adminKey);
  const id = `audited-${Date.now()}`;
  await operator.expect(201, 'POST', '/v1/tenants', { id });
  await operator.expect(200, 'PUT', '/v1/switches', { delivery: 'paused', note: 'maintenance' });
  await operator.expect(200, 'PUT', '/v1/switches', { delivery: 'open', note: '' });
  await operator.expect(202, 'DELETE', `/v1/tenants/${id}`);
  const entries = (await entriesOf(operator)).filter(({ target }) =>
    /^(switches|tenant\/audited)/.test(target),
  );
  expect(entries.map(({ actor, call, target }) => [actor, call, target])).toEqual([
    ['admin', 'POST /v1/tenants', `tenant/${id}`],
    ['admin', 'PUT /v1/switches', 'switches'],
    ['admin', 'PUT /v1/switches', 'switches'],
    ['admin', `DELETE /v1/tenants/${id}`, `tenant/${id}`],
  ]);
  expect(entries[1]).toMatchObject({
    before: { ingest: 'open', delivery: 'open' },
    after: { ingest: 'open', delivery: 'paused', note: 'maintenance' },
  });
});

test('audit: it is for keys that may see everything', async () => {
  const { api } = await newTenant(relay);
  for (const [role, status] of [
    ['subscriber', 403],
    ['publisher', 403],
    ['viewer', 200],
  ] as const) {
    const { key } = (await api.expect(201, 'POST', '/v1/keys', { name: role, role })) as { key: string };
    for (const path of ['/v1/audit', '/v1/audit/verify'])
      expect((await new Api(relay.url, key).request('GET', path)).status, `${role} ${path}`).toBe(status);
  }
});
