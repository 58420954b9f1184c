/** Hooks that choose among the events they follow, by what is in them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Explanation, type Hook, refusal } from '../support/api.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, accepted, arrive, newTenant, ownEvent } from '../support/tenant.ts';

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  tenant = await newTenant(relay);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

const total = (pattern: unknown) => [{ match: { data: { total: pattern } } }];
const publish = async (type: string, data: unknown) =>
  (await tenant.api.publish(ownEvent({ type, data }))).id;
const explain = (id: string, hook: Hook): Promise<Explanation & { clause?: string }> =>
  tenant.api.explain(id, hook.id);

async function arrived(path: string, count: number): Promise<string[]> {
  const at = (arrivals: Receiver['arrivals']) => arrivals.filter((arrival) => arrival.path === path);
  return at(await receiver.waitFor((arrivals) => at(arrivals).length >= count)).map(({ body }) =>
    body.toString(),
  );
}

test('only events that pass are delivered, in order and without gaps; the others say which clause kept them back', async () => {
  const hook = await tenant.api.createHook({
    url: `${receiver.url}order`,
    events: ['f.order'],
    filters: total({ $gte: 1000 }),
    ordering: 'fifo',
  });
  const ids: string[] = [];
  for (const value of [999, 1000, 12, 5000, 7, 1000.5]) ids.push(await publish('f.order', { total: value }));
  const bodies = await arrived('/order', 3);
  expect(bodies.map((body) => (JSON.parse(body) as { data: { total: number } }).data.total)).toEqual([
    1000, 5000, 1000.5,
  ]);
  expect((await tenant.api.deliveries(hook.id)).map(({ sequence }) => sequence)).toEqual([3, 2, 1]);
  expect(await explain(ids[0] ?? '', hook)).toMatchObject({
    status: 'skipped',
    reason: 'filter',
    clause: '/filters/0/match/data/total/$gte',
  });
  expect(await explain(ids[1] ?? '', hook)).not.toHaveProperty('clause');
  expect((await tenant.api.event(ids[0] ?? '')).deliveries).toEqual([]);
});

test('what a provider sent is in data.raw, with all its digits', async () => {
  const source = await tenant.api.createSource({ provider: 'deskera', name: 'shop' });
  const hook = await tenant.api.createHook({
    url: `${receiver.url}digits`,
    events: ['deskera.*'],
    sources: [source.id],
    filters: [{ match: { data: { raw: { ref: '9223372036854775807' } } } }],
  });
  const send = (ref: string) =>
    arrive(source, `{"eventType":"CREATE_PRODUCTS","ref":${ref}}`, { 'content-type': 'application/json' });
  const other = accepted(await send('9223372036854775806'));
  const same = accepted(await send('9223372036854775807'));
  const [body] = await arrived('/digits', 1);
  expect(body).toContain('"ref":9223372036854775807');
  expect(await explain(other.id, hook)).toMatchObject({ clause: '/filters/0/match/data/raw/ref' });
  expect(await explain(same.id, hook)).toMatchObject({ status: 'delivered' });
});

test('an event follows the filters that stood at its place, however they are changed afterwards', async () => {
  const hook = await tenant.api.createHook({
    url: `${receiver.url}change`,
    events: ['f.change'],
    filters: total(1),
  });
  const before = await publish('f.change', { total: 2 });
  await tenant.api.patchHook(hook.id, { filters: total(2) });
  const after = await publish('f.change', { total: 2 });
  await arrived('/change', 1);
  expect(await explain(before, hook)).toMatchObject({
    reason: 'filter',
    clause: '/filters/0/match/data/total',
  });
  expect(await explain(after, hook)).toMatchObject({ status: 'delivered' });
  await tenant.api.patchHook(hook.id, { filters: null });
  await publish('f.change', { total: 3 });
  await arrived('/change', 2);
});

test('a replay of what is missing brings what the filters of today let through', async () => {
  const hook = await tenant.api.createHook({
    url: `${receiver.url}replay`,
    events: ['f.replay'],
    filters: total(1),
  });
  const from = new Date(Date.now() - 60_000).toISOString();
  for (const value of [1, 2, 3, 2]) await publish('f.replay', { total: value });
  await arrived('/replay', 1);
  await tenant.api.patchHook(hook.id, { filters: total(2) });
  const replay = await tenant.api.expect(202, 'POST', `/v1/hooks/${hook.id}/replay`, {
    from,
    status: 'missing',
  });
  expect(replay).toMatchObject({ matched: 2, queued: 2 });
  await arrived('/replay', 3);
});

test('an event whose payload is deleted tells what became of it by the queue alone', async () => {
  const [taken, kept] = await Promise.all(
    [1, 2].map((value) =>
      tenant.api.createHook({ url: `${receiver.url}gone`, events: ['f.gone'], filters: total(value) }),
    ),
  );
  const id = await publish('f.gone', { total: 1 });
  await arrived('/gone', 1);
  await tenant.api.expect(204, 'DELETE', `/v1/events/${id}`);
  expect((await tenant.api.event(id)).deliveries.map(({ hookId }) => hookId)).toEqual([taken?.id]);
  expect(await explain(id, kept as Hook)).toMatchObject({ status: 'skipped' });
});

describe('what is sent', () => {
  test('comes back as it was sent, and sent back changes nothing', async () => {
    const filters = [
      { any: [{ prefix: { type: 'a' } }, { not: { match: { data: { x: { $in: [1, 'b', null] } } } } }] },
    ];
    const hook = await tenant.api.createHook({ url: receiver.url, events: ['f.same'], filters });
    const shown = (await tenant.api.expect(200, 'GET', `/v1/hooks/${hook.id}`)) as Record<string, unknown>;
    expect(shown['filters']).toEqual(filters);
    const again = (await tenant.api.expect(200, 'PATCH', `/v1/hooks/${hook.id}`, shown)) as Record<
      string,
      unknown
    >;
    expect(again['filters']).toEqual(filters);
  });

  test.each<[unknown, string]>([
    [[{ sql: 'a' }], '/filters/0/sql'],
    [[{ match: { a: { $near: 1 } } }], '/filters/0/match/a/$near'],
    [[{ exact: { type: 1 } }], '/filters/0/exact/type'],
    [['x'], '/filters/0'],
    [{}, '/filters'],
    [Array(21).fill({ exact: { type: 'a' } }), '/filters'],
    [[{ match: { a: { $regex: '(a)\\1' } } }], '/filters/0/match/a/$regex'],
  ])('is refused with its place: %j', async (filters, path) => {
    const body = { url: receiver.url, events: ['f.bad'], filters };
    expect(refusal(await tenant.api.request('POST', '/v1/hooks', body))).toBe(`400 invalid ${path}`);
    const { id } = await tenant.api.createHook({ url: receiver.url, events: ['f.bad'] });
    expect(refusal(await tenant.api.request('PATCH', `/v1/hooks/${id}`, { filters }))).toBe(
      `400 invalid ${path}`,
    );
    expect(refusal(await tenant.api.request('POST', '/v1/filters/test', { filters }))).toBe(
      `400 invalid ${path}`,
    );
  });

  test('is refused where a number loses digits on the way', async () => {
    const body = `{"url":"${receiver.url}","filters":[{"match":{"data":{"a":[1,0.12345678901234567890]}}}]}`;
    const headers = { 'content-type': 'application/json' };
    expect(refusal(await tenant.api.request('POST', '/v1/hooks', body, headers))).toBe(
      '400 invalid /filters/0/match/data/a/1',
    );
  });
});

describe('POST /v1/filters/test', () => {
  interface Trial {
    tested: number;
    matched: number;
    results: { id: string; type: string; matched: boolean; clause: string | null }[];
  }
  const trial = async (body: unknown, api = tenant.api) =>
    (await api.expect(200, 'POST', '/v1/filters/test', body)) as Trial;

  test('holds filters, types and sources against the newest events, newest first, and changes nothing', async () => {
    const own = await newTenant(relay);
    for (const [type, value] of [
      ['t.a', 1],
      ['t.b', 2],
      ['t.a', 3],
    ] as const)
      await own.api.publish(ownEvent({ type, data: { total: value } }));
    const { tested, matched, results } = await trial(
      { filters: total({ $gte: 2 }), events: ['t.a'] },
      own.api,
    );
    expect({ tested, matched }).toEqual({ tested: 3, matched: 1 });
    expect(results.map(({ type, clause }) => [type, clause])).toEqual([
      ['t.a', null],
      ['t.b', '/events'],
      ['t.a', '/filters/0/match/data/total/$gte'],
    ]);
    expect((await trial({ filters: [], sources: [] }, own.api)).results[0]?.clause).toBe('/sources');
    expect(await trial({ filters: [], limit: 2 }, own.api)).toMatchObject({ tested: 2, matched: 2 });
  });

  test('of a tenant without events there is nothing to tell', async () => {
    const own = await newTenant(relay);
    expect(await trial({ filters: [] }, own.api)).toEqual({ tested: 0, matched: 0, results: [] });
  });

  test.each([
    [{}, '/filters'],
    [{ filters: [], limit: 0 }, '/limit'],
    [{ filters: [], limit: 1001 }, '/limit'],
    [{ filters: [], events: [] }, '/events'],
    [{ filters: [], more: 1 }, '/more'],
  ])('refuses %j', async (body, path) => {
    expect(refusal(await tenant.api.request('POST', '/v1/filters/test', body))).toBe(`400 invalid ${path}`);
  });
});
