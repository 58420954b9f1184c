/** Export: everything a tenant has, a line each, as the rest of the API shows it; secrets only to whom they belong. */
import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, type Envelope, type Hook, type Source, refusal } from '../support/api.ts';
import { createWebhook, webhook } from '../support/dialects.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { accepted, arrive, arriveSigned, newTenant, ownEvent, superofficeBody } from '../support/tenant.ts';

let relay: Relay;
let receiver: Receiver;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

interface Lines {
  readonly sources: readonly Source[];
  readonly hooks: readonly Record<string, unknown>[];
  readonly events: readonly Envelope[];
}

async function exported(api: Api, query = ''): Promise<Lines & { readonly text: string }> {
  const { status, text } = await api.request('GET', `/v1/export${query}`);
  expect(status).toBe(200);
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const of = (kind: string) => lines.filter((line) => line['kind'] === kind).map((line) => line[kind]);
  const kinds = lines.map(({ kind }) => kind);
  const isWhole = query.includes('secrets=true');
  expect(kinds).toEqual([
    ...(isWhole ? ['export', ...of('key').map(() => 'key')] : []),
    ...of('source').map(() => 'source'),
    ...of('hook').map(() => 'hook'),
    ...of('event').map(() => 'event'),
    ...(isWhole ? ['end'] : []),
  ]);
  return { sources: of('source'), hooks: of('hook'), events: of('event'), text } as never;
}

describe('an export', () => {
  let api: Api;
  let source: Source;
  let hook: Hook;
  let ids: string[];

  beforeAll(async () => {
    ({ api } = await newTenant(relay));
    source = await api.createSource({ provider: 'superoffice', name: 'first' });
    const deskera = await api.createSource({ provider: 'deskera', name: 'second' });
    hook = await api.createHook({ url: receiver.url, headers: { authorization: 'hunter2' } });
    await createWebhook({ api }, webhook(receiver.url, { Secret: 'hunter3' }));
    ids = [
      accepted(await arriveSigned(source, `${superofficeBody()}\r\n`)).id,
      accepted(await arrive(deskera, '{\r\n  "id": 100.0\n}')).id,
      accepted(await arrive(deskera, new Uint8Array([0, 10, 13, 255]))).id,
      (await api.publish(ownEvent({ data: 'a\nb' }))).id,
    ];
  });

  test('has every source, hook and event as the API shows them, in order, an event in one line', async () => {
    const { sources, hooks, events } = await exported(api);
    const listed = await api.pages<Record<string, unknown>>('/v1/sources?order=asc');
    expect(sources).toEqual(listed.map((shown) => ({ ...shown, inboundUrl: `${relay.url}/in/***` })));
    const shown = await api.pages<Record<string, unknown>>('/v1/hooks?order=asc');
    // How a hook fares is no part of what there is to restore.
    const fares = ['state', 'stateReason', 'waiting', 'stats', 'pending', 'retrying', 'dead', 'failing'];
    const left = new Set([...fares, 'lastError', 'lastFailureAt', 'oldestPendingAt']);
    expect(hooks).toEqual(
      shown.map((one) => Object.fromEntries(Object.entries(one).filter(([name]) => !left.has(name)))),
    );
    expect(events).toEqual(await api.pages('/v1/events?order=asc'));
    expect(events.map(({ posthornid }) => posthornid)).toEqual(ids);
  });

  test('keeps number text', async () => {
    expect((await exported(api)).text).toContain('"raw":{    "id": 100.0 }');
  });

  test('has no secret in it, unless an admin asks for them', async () => {
    const token = source.inboundUrl.split('/in/')[1] ?? '';
    const secrets = [source.secret, hook.secret, token, 'hunter2', 'hunter3'];
    const { text } = await exported(api);
    for (const secret of secrets) expect(text).not.toContain(secret);
    const full = await exported(api, '?secrets=true');
    for (const secret of secrets) expect(full.text).toContain(secret);
    expect(full.sources[0]).toMatchObject({ inboundUrl: source.inboundUrl, secret: source.secret });
    expect(full.hooks[0]).toMatchObject({ secret: hook.secret, headers: { authorization: 'hunter2' } });
  });

  test('with secrets is refused to every other role', async () => {
    const made = (await api.expect(201, 'POST', '/v1/keys', { name: 'v', role: 'viewer' })) as {
      key: string;
    };
    const viewer = new Api(relay.url, made.key);
    expect(refusal(await viewer.request('GET', '/v1/export?secrets=true'))).toBe('403 forbidden');
    expect((await exported(viewer)).events).toHaveLength(ids.length);
    expect(refusal(await api.request('GET', '/v1/export?secrets=yes'))).toBe('400 invalid query/secrets');
  });

  test('of an empty tenant is empty', async () => {
    const empty = await newTenant(relay);
    const reply = await empty.api.request('GET', '/v1/export');
    expect([reply.status, reply.text]).toEqual([200, '']);
  });
});

test('ends at the place where it began, however much arrives while it is read', async () => {
  const { api, key } = await newTenant(relay);
  const source = await api.createSource({ provider: 'deskera', name: 'large' });
  const body = new Uint8Array(300_000).fill(7);
  for (let at = 0; at < 40; at += 1) accepted(await arrive(source, body));

  const { hostname, port } = new URL(relay.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(
    `GET /v1/export HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${key}\r\nConnection: close\r\n\r\n`,
  );
  const [first] = (await once(socket, 'data')) as [Buffer];
  socket.pause();
  for (let at = 0; at < 5; at += 1) await api.publish(ownEvent());
  const parts = [first];
  socket.on('data', (part: Buffer) => parts.push(part));
  socket.resume();
  await once(socket, 'close');
  const text = Buffer.concat(parts).toString('latin1');
  expect(text.match(/"kind":"event"/g)).toHaveLength(40);
  expect((await exported(api)).events).toHaveLength(45);
});

test('a reader that goes away half-way leaves a relay that works', async () => {
  const { api, key } = await newTenant(relay);
  const source = await api.createSource({ provider: 'deskera', name: 'large' });
  const body = new Uint8Array(900_000).fill(7);
  for (let at = 0; at < 20; at += 1) accepted(await arrive(source, body));
  for (let at = 0; at < 3; at += 1) {
    const response = await fetch(`${relay.url}/v1/export`, { headers: { authorization: `Bearer ${key}` } });
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
  }
  expect((await exported(api)).events).toHaveLength(20);
});
