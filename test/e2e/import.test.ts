/** Export, erase, import, go on: a provider that posts to the old URL notices nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api, refusal, type Reply, type Source } from '../support/api.ts';
import { createWebhook, webhook } from '../support/dialects.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { accepted, arrive, arriveSigned, newTenant, ownEvent, superofficeBody } from '../support/tenant.ts';
import { until } from '../support/until.ts';

let relay: Relay;
let receiver: Receiver;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

const NDJSON = { 'content-type': 'application/x-ndjson' };

function importInto(api: Api, text: string): Promise<Reply> {
  return api.request('POST', '/v1/import', new TextEncoder().encode(text), NDJSON);
}

async function erase(id: string): Promise<Api> {
  const operator = new Api(relay.url, relay.adminKey);
  await operator.expect(202, 'DELETE', `/v1/tenants/${id}`);
  await until(
    () => operator.request('POST', '/v1/tenants', { id }),
    ({ status }) => status === 201,
  );
  return new Api(relay.url, relay.adminKey, id);
}

function lines(text: string): Record<string, never>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, never>);
}

test('import: the same ids, URLs, secrets, key pairs, keys, dialects and history; what comes goes on', async () => {
  const { api, id: tenant, key } = await newTenant(relay);
  const source = await api.createSource({
    provider: 'superoffice',
    name: 'one',
    uid: 'crm',
    secret: 'S3CRET',
  });
  const rotated = (await api.expect(200, 'POST', `/v1/sources/${source.id}/rotate-url`, {})) as Source;
  await api.createSource({
    provider: 'superoffice',
    name: 'site',
    site: { url: `${receiver.url}/so`, authorization: 'Basic U0lURQ==' },
  });
  const hook = await api.createHook({
    url: receiver.url,
    uid: 'shop',
    signing: 'both',
    headers: { authorization: 'HEADER' },
    filters: [{ not: { exact: { type: 'no.such' } } }],
  });
  const { WebhookId: webhookId } = await createWebhook(
    { api },
    webhook(receiver.url, { Secret: 'WEBHOOK-SECRET' }),
  );
  const viewer = (await api.expect(201, 'POST', '/v1/keys', { name: 'v', role: 'viewer' })) as {
    key: string;
  };
  const body = superofficeBody({ Amount: '100.0' }).replace('{', '{\r\n');
  const event = accepted(await arriveSigned(source, body));
  const own = await api.publish(ownEvent({ data: 'line\nbreak' }));
  await until(
    () => api.event(event.id),
    ({ deliveries }) => deliveries.every(({ status }) => status === 'delivered'),
  );
  const publicKey = await api.expect(200, 'GET', `/v1/hooks/${hook.id}/public-key`);
  const shownWebhook = (await api.request('GET', `/api/v1/Webhook/${webhookId}`)).body;
  const before = {
    sources: await api.pages<object>('/v1/sources?order=asc'),
    events: await api.pages('/v1/events?order=asc'),
  };
  const { text } = await api.request('GET', '/v1/export?secrets=true');
  expect(lines(text).at(0)).toMatchObject({ kind: 'export', format: 1 });
  expect(lines(text).at(-1)).toEqual({ kind: 'end', keys: 2, sources: 2, hooks: 2, events: 2 });

  expect(refusal(await importInto(api, text))).toBe('409 conflict');
  const elsewhere = await newTenant(relay);
  expect(refusal(await importInto(elsewhere.api, text))).toBe('409 conflict');
  const operator = await erase(tenant);
  const arrived = receiver.arrivals.length;
  const imported = await importInto(operator, text);
  expect([imported.status, imported.body]).toEqual([200, { sources: 2, hooks: 2, keys: 2, events: 2 }]);

  // The old keys, as they were.
  expect((await new Api(relay.url, viewer.key).request('POST', '/v1/keys', { name: 'x' })).status).toBe(403);
  const again = new Api(relay.url, key);
  expect(await again.pages<object>('/v1/sources?order=asc')).toEqual(before.sources);
  expect(await again.pages('/v1/events?order=asc')).toEqual(before.events);
  expect((await again.request('GET', `/v1/events/${event.id}/raw`)).text).toBe(body);
  expect(await again.expect(200, 'GET', `/v1/sources/${source.id}/secret`)).toEqual({ secret: 'S3CRET' });
  expect(await again.expect(200, 'GET', `/v1/hooks/${hook.id}/secret`)).toEqual({ secret: hook.secret });
  expect(await again.expect(200, 'GET', `/v1/hooks/${hook.id}/public-key`)).toEqual(publicKey);
  const webhookNow = (await again.request('GET', `/api/v1/Webhook/${webhookId}`)).body as object;
  expect(webhookNow).toMatchObject({ WebhookId: webhookId, Name: (shownWebhook as { Name: string }).Name });

  // A provider posts to the old URLs, and repeats itself.
  expect(accepted(await arriveSigned(source, body))).toEqual({
    status: 'accepted',
    id: event.id,
    duplicate: true,
  });
  expect(await again.publish(ownEvent({ data: 'x' }))).toMatchObject({ duplicate: false });
  const next = accepted(await arriveSigned({ ...rotated, secret: 'S3CRET' }, superofficeBody()));
  await until(
    () => again.event(next.id),
    ({ deliveries }) => deliveries.length === 2 && deliveries.every(({ status }) => status === 'delivered'),
  );
  const got = receiver.arrivals.slice(arrived);
  expect(got.some(({ headers }) => headers['webhook-id'] === event.id)).toBe(false);
  expect(got.some(({ headers }) => headers['webhook-id'] === own.id)).toBe(false);
  const [delivery] = got.filter(({ headers }) => headers['posthorn-hook'] === String(hook.id));
  expect(delivery?.headers['authorization']).toBe('HEADER');
  expect((await api.expect(200, 'GET', '/v1/audit?target=import')) as object).toMatchObject({
    data: [{ actor: 'admin', call: 'POST /v1/import', after: { sources: 2, hooks: 2, keys: 2, events: 2 } }],
  });
  expect(refusal(await importInto(operator, text))).toBe('409 conflict');
});

const OAUTH = { type: 'oauth2', clientId: 'a', clientSecret: 'b', credentials: 'header' };
/** What a hook's line may not have, as a save would refuse it. */
const HOOK_MEMBERS: readonly (readonly [object, string])[] = [
  [{ auth: { ...OAUTH, tokenUrl: 'http://169.254.169.254/' } }, '/auth/tokenUrl'],
  [{ auth: OAUTH }, '/auth/tokenUrl'],
  [{ auth: { type: 'bearer', token: 7 } }, '/auth/token'],
  [{ auth: { type: 'bearer', token: '***' } }, '/auth/token'],
  [{ filters: 'no JSON' }, '/filters'],
  [{ filters: '[{"sql":"a"}]' }, '/filters/0/sql'],
  [{ format: 'template', template: { contentType: 'text/plain', body: '{% if %' } }, '/template/body'],
  [{ template: 'text' }, '/template'],
  [{ signatures: [{ header: 'x-a' }] }, '/signatures/0/secret'],
];

test('import: what does not fit is refused with its line, and nothing of it is there', async () => {
  const { api, id: tenant } = await newTenant(relay);
  const source = await api.createSource({ provider: 'deskera', name: 'one' });
  await api.createHook({ url: receiver.url });
  accepted(await arrive(source, 'one'));
  accepted(await arrive(source, 'two'));
  const { text } = await api.request('GET', '/v1/export?secrets=true');
  const plain = await api.request('GET', '/v1/export');
  const operator = await erase(tenant);
  const all = text.trimEnd().split('\n');
  const edited = (at: number, change: (line: { restore: { config?: object } }) => void) => {
    const line = JSON.parse(all[at] ?? '') as { restore: { config?: object } };
    change(line);
    return all.with(at, JSON.stringify(line)).join('\n');
  };
  /** With as many as there are in its last line. */
  const counted = (some: readonly string[]) => {
    const of = (kind: string) => some.filter((line) => line.startsWith(`{"kind":"${kind}"`)).length;
    const end = { keys: of('key'), sources: of('source'), hooks: of('hook'), events: of('event') };
    return [...some.slice(0, -1), JSON.stringify({ kind: 'end', ...end })].join('\n');
  };
  const set = (at: number, members: object) =>
    edited(at, ({ restore }) => void Object.assign(restore, members));
  const [key, src, hook, first, second] = [1, 2, 3, 4, 5];
  const cases: readonly (readonly [string, string])[] = [
    ['', '400 invalid line 1'],
    ['nonsense', '400 invalid line 1'],
    [plain.text, '400 invalid line 1/restore'],
    [all.slice(0, -1).join('\n'), '400 invalid line 7'],
    [text.slice(0, Math.floor(text.length * 0.8)), '400 invalid line 6'],
    [all.toSpliced(first, 1).join('\n'), '400 invalid line 6'],
    [
      all
        .with(first, all[second] ?? '')
        .with(second, all[first] ?? '')
        .join('\n'),
      '400 invalid line 6/restore/seq',
    ],
    [counted(all.toSpliced(hook, 0, all[hook] ?? '')), '400 invalid line 5/restore/id'],
    [counted(all.toSpliced(src, 0, all[src] ?? '')), '400 invalid line 4/restore/id'],
    [all.toSpliced(2, 0, all[first] ?? '').join('\n'), '400 invalid line 4/kind'],
    [`${text}${all[1] ?? ''}`, '400 invalid line 8/kind'],
    [text.replace('"format":1', '"format":2'), '400 invalid line 1/format'],
    [set(key, { hash: 'short' }), '400 invalid line 2/restore/hash'],
    [set(src, { provider: 'nobody' }), '400 invalid line 3/restore/provider'],
    [
      edited(hook, ({ restore }) => void Object.assign(restore.config ?? {}, { url: 'gopher://x' })),
      '400 invalid line 4/restore/config/url',
    ],
    [
      edited(hook, ({ restore }) => void Object.assign(restore.config ?? {}, { events: ['a..b'] })),
      '400 invalid line 4/restore/config/events/0',
    ],
    ...HOOK_MEMBERS.map(
      ([members, path]) =>
        [
          edited(hook, ({ restore }) => void Object.assign(restore.config ?? {}, members)),
          `400 invalid line 4/restore/config${path}`,
        ] as const,
    ),
    [set(first, { type: 'other.type' }), '400 invalid line 5/restore/head'],
    [set(first, { seq: 9 }), '400 invalid line 5/restore/id'],
  ];
  for (const [body, expected] of cases) {
    expect(refusal(await importInto(operator, body)), expected).toBe(expected);
    for (const path of ['/v1/sources', '/v1/hooks', '/v1/events', '/v1/keys'])
      expect(await operator.pages(path), `${expected}: ${path}`).toEqual([]);
  }
  expect(refusal(await operator.request('POST', '/v1/import', { a: 1 }))).toBe('415 unsupported-media-type');
  expect((await importInto(operator, text)).body).toEqual({ sources: 1, hooks: 1, keys: 1, events: 2 });
});
