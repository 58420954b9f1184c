/** Who watches the log: by cursor, none lost and none twice, over real WebSockets of a relay that runs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api, refusal, type Key } from '../support/api.ts';
import { startRelay, type Relay } from '../support/relay.ts';
import { newTenant, type Tenant } from '../support/tenant.ts';
import { until } from '../support/until.ts';
import { Connection, listen, type DeliveryFrame } from '../support/web-socket.ts';

interface EventFrame {
  readonly kind: 'event';
  readonly cursor: string;
  readonly event: { readonly posthornid: string; readonly type: string };
}

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.dispose());

let published = 0;

async function publish(api: Api, count: number, type = 'a.b'): Promise<string[]> {
  const ids: string[] = [];
  for (let one = 0; one < count; one += 1) {
    published += 1;
    const event = { specversion: '1.0', id: `t${published}`, source: '/test', type, data: { published } };
    ids.push((await api.publish(event)).id);
  }
  return ids;
}

function tail(key: string, query = ''): Connection {
  return new Connection(`${relay.url}/v1/tail${query}`, 'posthorn.tail.v1', key);
}

function eventsOf({ frames }: Connection): EventFrame[] {
  return frames.filter(({ kind }) => kind === 'event') as unknown as EventFrame[];
}

async function got(connection: Connection, count: number): Promise<string[]> {
  await until(
    () => Promise.resolve(eventsOf(connection).length),
    (length) => length >= count,
    30_000,
  );
  return eventsOf(connection).map(({ event }) => event.posthornid);
}

function keyOf({ api }: Tenant, role: string): Promise<Key> {
  return api.expect(201, 'POST', '/v1/keys', { name: role, role }) as Promise<Key>;
}

test('from now on without a cursor; with one, everything after it and then what comes in', async () => {
  const { api, key } = await newTenant(relay);
  const before = await publish(api, 3);
  const live = tail(key);
  const { cursor } = await live.ready();
  const after = await publish(api, 2);
  expect(await got(live, 2)).toEqual(after);
  const [first, second] = eventsOf(live);
  expect(first?.event).toMatchObject({
    type: 'a.b',
    source: '/test',
    sequence: expect.any(String) as string,
  });
  const again = tail(key, `?after=${String(cursor)}`);
  expect(await again.ready()).toEqual({ kind: 'ready', cursor });
  expect(await got(again, 2)).toEqual(after);
  const last = tail(key, `?after=${first?.cursor ?? ''}`);
  expect(await got(last, 1)).toEqual(after.slice(1));
  expect(eventsOf(last)[0]?.cursor).toBe(second?.cursor);
  const more = await publish(api, 1);
  expect(await got(live, 3)).toEqual([...after, ...more]);
  expect(await got(again, 3)).toEqual([...after, ...more]);
  expect(before).toHaveLength(3);
});

test('by patterns and by hook, as the hook wanted it', async () => {
  const { api, key } = await newTenant(relay);
  const hook = await api.createHook({
    url: 'listen:',
    events: ['a.*', 'c.*'],
    filters: [{ match: { type: { $in: ['a.y', 'c.y'] } } }],
  });
  const start = tail(key);
  const { cursor } = await start.ready();
  const ids: string[] = [];
  for (const type of ['a.x', 'a.y', 'b.x', 'c.x', 'c.y']) ids.push(...(await publish(api, 1, type)));
  const typed = tail(key, `?types=b.*,%20c.*&after=${String(cursor)}`);
  expect(await got(typed, 3)).toEqual(ids.slice(2));
  const hooked = tail(key, `?hook=${hook.id}&after=${String(cursor)}`);
  expect(await got(hooked, 2)).toEqual([ids[1], ids[4]]);
});

test('with a hook what its attempts come to, as long as somebody watches', async () => {
  const { api, key } = await newTenant(relay);
  const hook = await api.createHook({ url: 'listen:', events: ['*'], retry: { scheduleSeconds: [1] } });
  const viewer = tail(key, `?hook=${hook.id}`);
  await viewer.ready();
  const listener = listen(relay.url, hook.id, key);
  let answers = 0;
  listener.onFrame = (frame) => {
    if (frame.kind !== 'delivery') return;
    answers += 1;
    listener.answer(frame as unknown as DeliveryFrame, answers === 1 ? 500 : 200);
  };
  await listener.ready();
  const [eventId] = await publish(api, 1);
  const attemptsOf = () => viewer.frames.filter(({ kind }) => kind === 'attempt');
  await until(
    () => Promise.resolve(attemptsOf().length),
    (count) => count === 2,
  );
  expect(await got(viewer, 1)).toEqual([eventId]);
  expect(attemptsOf()).toMatchObject([
    { eventId, number: 1, outcome: 'failed', statusCode: 500, error: 'status' },
    { eventId, number: 2, outcome: 'delivered', statusCode: 200, error: null },
  ]);
  viewer.close();
  listener.close();
});

test('at most a thousand unacknowledged ones are sent, and acknowledging lets it go on', async () => {
  const { api, key } = await newTenant(relay);
  const start = tail(key);
  const { cursor } = await start.ready();
  for (let round = 0; round < 12; round += 1) {
    const batch = Array.from({ length: 100 }, (_, at) => ({
      specversion: '1.0',
      id: `w${round}.${at}`,
      source: '/test',
      type: 'a.b',
    }));
    const type = { 'content-type': 'application/cloudevents-batch+json' };
    const { status, text } = await api.request('POST', '/v1/events', JSON.stringify(batch), type);
    expect(status, text).toBe(202);
  }
  const viewer = tail(key, `?after=${String(cursor)}`);
  await got(viewer, 1000);
  viewer.send('ping');
  await until(
    () => Promise.resolve(viewer.pongs),
    (pongs) => pongs === 1,
  );
  const sent = eventsOf(viewer);
  expect(sent).toHaveLength(1000);
  viewer.send({ kind: 'ack', cursor: sent[499]?.cursor });
  const ids = await got(viewer, 1200);
  expect(new Set(ids).size).toBe(1200);
  expect(ids).toEqual(ids.toSorted());
});

test('none is lost and none comes twice over reconnects and kills of the relay', async () => {
  const { api, key } = await newTenant(relay);
  const start = tail(key);
  let cursor = String((await start.ready()).cursor);
  const ids: string[] = [];
  const seen: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    const viewer = tail(key, `?after=${cursor}`);
    viewer.onFrame = (frame) => {
      if (frame.kind !== 'event') return;
      const { event, cursor: next } = frame as unknown as EventFrame;
      seen.push(event.posthornid);
      cursor = next;
    };
    await viewer.ready();
    ids.push(...(await publish(api, 7)));
    if (round === 2) {
      await relay.kill9();
      await relay.restart();
      ids.push(...(await publish(api, 3)));
      continue;
    }
    if (round % 2 === 0) await got(viewer, 3);
    viewer.onFrame = () => undefined;
    viewer.close();
  }
  const last = tail(key, `?after=${cursor}`);
  const rest = await got(last, ids.length - seen.length);
  expect([...seen, ...rest]).toEqual(ids);
}, 120_000);

test('twenty watch; the next one is closed with 4429, until one leaves', async () => {
  const { key } = await newTenant(relay);
  const viewers = Array.from({ length: 20 }, () => tail(key));
  await Promise.all(viewers.map((viewer) => viewer.ready()));
  expect(await tail(key).closing()).toMatchObject({ code: 4429 });
  viewers[0]?.close();
  await viewers[0]?.closing();
  const next = tail(key);
  await next.ready();
  for (const viewer of [...viewers, next]) viewer.close();
});

test('who may not, and what is none, is refused in words', async () => {
  const tenant = await newTenant(relay);
  const { api, key } = tenant;
  expect(refusal(await api.request('GET', '/v1/tail'))).toBe('426 upgrade-required');
  const viewer = await keyOf(tenant, 'viewer');
  await tail(viewer.key).ready();
  const publisher = await keyOf(tenant, 'publisher');
  expect(refusal(await new Api(relay.url, publisher.key).request('GET', '/v1/tail'))).toBe('403 forbidden');
  const subscriber = await keyOf(tenant, 'subscriber');
  const hook = await new Api(relay.url, subscriber.key).createHook({ url: 'listen:', events: ['*'] });
  await tail(subscriber.key, `?hook=${hook.id}`).ready();
  for (const query of ['', '?hook=4711', '?after=tail.x.1', '?after=1', '?types=a..b']) {
    const refused = tail(query === '' ? subscriber.key : key, query);
    expect((await refused.closing()).code, query).toBe(1006);
  }
});

test('a frame that is no acknowledgement closes the connection; so does a revoked key, and an expired one', async () => {
  const tenant = await newTenant(relay);
  for (const frame of ['{', '{"kind":"ack"}', '{"kind":"ack","cursor":"1"}', `"${'x'.repeat(100_000)}"`]) {
    const viewer = tail(tenant.key);
    await viewer.ready();
    viewer.send(frame);
    expect(await viewer.closing(), frame.slice(0, 30)).toMatchObject({ code: 4400 });
  }
  const key = await keyOf(tenant, 'viewer');
  const viewer = tail(key.key);
  await viewer.ready();
  viewer.send('ping');
  await tenant.api.expect(204, 'DELETE', `/v1/keys/${key.id}`);
  expect(await viewer.closing()).toMatchObject({ code: 4401 });
  const expiresAt = new Date(Date.now() + 1500).toISOString();
  const brief = (await tenant.api.expect(201, 'POST', '/v1/keys', {
    name: 'brief',
    role: 'viewer',
    expiresAt,
  })) as Key;
  const expiring = tail(brief.key);
  await expiring.ready();
  expiring.send('ping');
  expect(await expiring.closing()).toMatchObject({ code: 4401 });
});
