/** A hook that is listened to, over real WebSockets of a relay that runs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api, call, refusal, type Hook, type Key } from '../support/api.ts';
import { DeskeraClient } from '../support/dialects.ts';
import { startRelay, type Relay } from '../support/relay.ts';
import { until } from '../support/until.ts';
import { listen, type Connection, type DeliveryFrame } from '../support/web-socket.ts';

let relay: Relay;
let admin: Api;
let published = 0;

beforeAll(async () => {
  relay = await startRelay();
  admin = new Api(relay.url, relay.adminKey);
});
afterAll(() => relay.dispose());

/** A listener hook that gets events of this type alone. */
function listenerHook(type: string, members: object = {}): Promise<Hook> {
  return admin.createHook({ url: 'listen:', events: [type], ...members });
}

async function publish(type: string, subject: string, count = 1): Promise<string[]> {
  const ids: string[] = [];
  for (let one = 0; one < count; one += 1) {
    published += 1;
    const event = { specversion: '1.0', id: `e${published}`, source: '/test', type, subject };
    ids.push((await admin.publish(event)).id);
  }
  return ids;
}

function keyOf(role: string): Promise<Key> {
  return admin.expect(201, 'POST', '/v1/keys', { name: role, role }) as Promise<Key>;
}

async function pendingOf(hook: Hook): Promise<number> {
  return (await admin.hook(hook.id)).stats.pending;
}

test('what came while nobody listened goes to who connects, one after the other', async () => {
  const hook = await listenerHook('one.after.another');
  expect(hook).toMatchObject({ url: 'listen:', waiting: { reason: 'no-listener', until: null } });
  const ids = await publish('one.after.another', 's', 5);
  await until(
    () => pendingOf(hook),
    (pending) => pending === 5,
  );
  expect(await admin.explain(ids[0] ?? '', hook.id)).toMatchObject({
    attempts: 0,
    waiting: { reason: 'no-listener', until: null },
  });
  const listener = listen(relay.url, hook.id, relay.adminKey);
  listener.onFrame = (frame) => {
    if (frame.kind === 'delivery') listener.answer(frame as unknown as DeliveryFrame);
  };
  expect(await listener.ready()).toEqual({ kind: 'ready', hookId: hook.id, pending: 5 });
  expect(listener.socket.protocol).toBe('posthorn.listen.v1');
  await until(
    () => pendingOf(hook),
    (pending) => pending === 0,
  );
  expect(listener.deliveries.map(({ eventId }) => eventId)).toEqual(ids);
  expect(await admin.delivery(hook.id, ids[4] ?? '')).toMatchObject({
    status: 'delivered',
    attemptLog: [{ statusCode: 200 }],
  });
  listener.send('ping');
  await until(
    () => Promise.resolve(listener.pongs),
    (pongs) => pongs === 1,
  );
  listener.close();
  await until(
    () => admin.hook(hook.id),
    (now) => (now as { waiting?: { reason?: string } | null }).waiting?.reason === 'no-listener',
  );
});

test('without an upgrade: 426; without the protocol, the hook or the right: refused in words', async () => {
  const hook = await listenerHook('refused');
  const path = `/v1/hooks/${hook.id}/listen`;
  expect(refusal(await admin.request('GET', path))).toBe('426 upgrade-required');
  expect(refusal(await new Api(relay.url, null).request('GET', path))).toBe('401 unauthorized');
  const posting = await admin.createHook({ url: 'http://127.0.0.1:9/' });
  const [viewer, publisher, stranger] = await Promise.all(['viewer', 'publisher', 'subscriber'].map(keyOf));
  const tries: [number, number, string | undefined, string[]][] = [
    [400, hook.id, relay.adminKey, ['posthorn.listen.v2']],
    [404, 4711, relay.adminKey, ['posthorn.listen.v1']],
    [409, posting.id, relay.adminKey, ['posthorn.listen.v1']],
    [401, hook.id, 'ph_default_wrong', ['posthorn.listen.v1']],
    [403, hook.id, viewer?.key, ['posthorn.listen.v1']],
    [403, hook.id, publisher?.key, ['posthorn.listen.v1']],
    [404, hook.id, stranger?.key, ['posthorn.listen.v1']],
  ];
  for (const [status, id, key, protocols] of tries) {
    expect(await upgradeStatus(id, key ?? '', protocols), `${status} ${key ?? ''}`).toBe(status);
  }
});

/** The status of an upgrade that is refused, over a socket of its own: no client tells it. */
async function upgradeStatus(hookId: number, key: string, protocols: readonly string[]): Promise<number> {
  const { request } = await import('node:http');
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-protocol': [...protocols, `posthorn.key.${key}`].join(', '),
  };
  const asked = request(`${relay.url}/v1/hooks/${hookId}/listen`, { headers }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  asked.on('upgrade', (response, socket) => {
    socket.destroy();
    resolve(response.statusCode ?? 0);
  });
  asked.on('error', reject);
  asked.end();
  return promise;
}

test('only a native hook can be listened to, and one that goes from a URL to listen: leaves its secrets behind', async () => {
  const hook = await admin.createHook({
    url: 'http://127.0.0.1:9/',
    headers: { 'x-token': 'abc' },
    auth: { type: 'bearer', token: 'secret' },
  });
  expect(await admin.patchHook(hook.id, { url: 'LISTEN:' })).toMatchObject({
    url: 'listen:',
    headers: {},
    auth: null,
    dropped: ['headers', 'auth'],
  });
  expect(refusal(await admin.request('POST', '/v1/hooks', { url: 'listen:x' }))).toBe('400 invalid /url');
  const { hookId } = await new DeskeraClient(relay.url, relay.adminKey).register({
    clientId: 'c',
    clientSecret: 's',
    accessToken: 'a',
    refreshToken: 'r',
    eventType: 'CREATE_INVOICE',
    webhookUrl: 'http://127.0.0.1:9/',
  });
  const patched = await admin.request('PATCH', `/v1/hooks/${hookId}`, { url: 'listen:' });
  expect(refusal(patched)).toBe('400 invalid /url');
  const entity = { Name: 'dialect', Events: ['contact.changed'], TargetUrl: 'listen:', Type: 'webhook' };
  const saved = await admin.request('POST', '/api/v1/Webhook', entity);
  expect(saved.status, saved.text).toBe(400);
});

test('a key that is revoked closes what it has opened, and nothing else', async () => {
  const subscriber = await keyOf('subscriber');
  const other = await keyOf('subscriber');
  const own = new Api(relay.url, subscriber.key);
  const hook = await own.createHook({ url: 'listen:', events: ['revoked'] });
  const listener = listen(relay.url, hook.id, subscriber.key);
  await listener.ready();
  await admin.expect(204, 'DELETE', `/v1/keys/${other.id}`);
  await admin.expect(204, 'DELETE', `/v1/keys/${subscriber.id}`);
  listener.send('ping');
  const { code } = await until(
    () => Promise.resolve(listener.closed),
    (closed) => closed !== null,
    60_000,
  ).then((closed) => closed ?? { code: 0 });
  expect(code).toBe(4401);
});

test('a key that expires closes what it has opened', async () => {
  const expiresAt = new Date(Date.now() + 1500).toISOString();
  const key = (await admin.expect(201, 'POST', '/v1/keys', {
    name: 'brief',
    role: 'admin',
    expiresAt,
  })) as Key;
  const hook = await listenerHook('expired');
  const listener = listen(relay.url, hook.id, key.key);
  await listener.ready();
  listener.send('ping');
  expect(await listener.closing()).toMatchObject({ code: 4401 });
});

test('takeover: the first is closed with 4408; without it the second one with 4409', async () => {
  const hook = await listenerHook('takeover');
  const first = listen(relay.url, hook.id, relay.adminKey);
  await first.ready();
  first.send('ping');
  expect(await listen(relay.url, hook.id, relay.adminKey).closing()).toMatchObject({ code: 4409 });
  const second = listen(relay.url, hook.id, relay.adminKey, '?takeover=true');
  await second.ready();
  expect(await first.closing()).toMatchObject({ code: 4408 });
  second.close();
});

test('hostile frames end the connection and harm nobody', async () => {
  const hook = await listenerHook('hostile');
  for (const frame of ['{', '\u0000', `"${'x'.repeat(2_000_000)}"`, '{"kind":"answer"}']) {
    const listener = listen(relay.url, hook.id, relay.adminKey, '?takeover=true');
    await listener.ready();
    listener.send(frame);
    expect([4400, 1009]).toContain((await listener.closing()).code);
  }
  expect((await call('GET', `${relay.url}/healthz`)).status).toBe(200);
});

test('each event is answered in order and none is lost, over kills of clients and of the relay', async () => {
  const hook = await listenerHook('killed');
  const ids = await publish('killed', 's', 40);
  /** In the order of the answers that the relay has taken: the last attempt of each. */
  const answered: string[] = [];
  let round = 0;
  let current: Connection | null = null;
  while ((await pendingOf(hook)) > 0) {
    round += 1;
    if (round > 60) throw new Error('expected progress');
    if (round % 7 === 0) {
      await relay.kill9();
      await relay.restart();
    }
    const listener = listen(relay.url, hook.id, relay.adminKey, '?takeover=true');
    current = listener;
    let taken = 0;
    listener.onFrame = (frame) => {
      if (frame.kind !== 'delivery') return;
      taken += 1;
      // The fifth is cut off, with its answer or without.
      if (taken === 5) {
        if (round % 2 === 0) listener.answer(frame as unknown as DeliveryFrame);
        listener.close();
        return;
      }
      answered.push((frame as unknown as DeliveryFrame).eventId);
      listener.answer(frame as unknown as DeliveryFrame);
    };
    await listener.ready();
    await until(
      () => pendingOf(hook),
      (pending) => pending === 0 || listener.socket.readyState !== WebSocket.OPEN,
    );
  }
  current?.close();
  // What was cut off may be among them once more, but never behind a later one.
  const first = ids.map((id) => answered.indexOf(id));
  expect(answered.filter((id, at) => answered.indexOf(id) === at).length).toBeGreaterThanOrEqual(32);
  const seen = first.filter((at) => at >= 0);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  for (const id of ids) expect(await admin.explain(id, hook.id)).toMatchObject({ status: 'delivered' });
}, 120_000);
