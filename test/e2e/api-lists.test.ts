/** Lists: each item once, whatever arrives meanwhile; limits, cursors and filters. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, type Envelope, type Hook, type Page, type Source, refusal } from '../support/api.ts';
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
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  tenant = await newTenant(relay);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

/** Makes that many, one after the other. */
async function made<T>(count: number, make: (n: number) => Promise<T>): Promise<T[]> {
  const all = [];
  for (let n = 0; n < count; n += 1) all.push(await make(n));
  return all;
}

describe('I1: a list gives each item once, in order, while new ones arrive', () => {
  test('events', async () => {
    const { api } = await newTenant(relay);
    const publish = async () => (await api.publish(ownEvent())).id;
    const before = await made(25, publish);
    const during: string[] = [];
    const add = async () => {
      during.push(await publish());
    };
    const newestFirst = await api.pages<Envelope>('/v1/events?limit=4', add);
    expect(newestFirst.map(({ posthornid }) => posthornid)).toEqual([...before].reverse());
    const soFar = [...before, ...during];
    let pages = 0;
    const addSome = async () => {
      pages += 1;
      if (pages <= 3) await add();
    };
    const oldestFirst = await api.pages<Envelope>('/v1/events?limit=7&order=asc', addSome);
    expect(oldestFirst.map(({ posthornid }) => posthornid)).toEqual([...before, ...during]);
    expect(during.length).toBe(soFar.length - before.length + 3);
  });

  test('hooks', async () => {
    const { api } = await newTenant(relay);
    const create = async () => (await api.createHook({ url: receiver.url, paused: true })).id;
    const before = await made(11, create);
    expect(before).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const newestFirst = await api.pages<Hook>('/v1/hooks?limit=3', create);
    expect(newestFirst.map(({ id }) => id)).toEqual([...before].reverse());
    const oldestFirst = await api.pages<Hook>('/v1/hooks?limit=5&order=asc');
    expect(oldestFirst.map(({ id }) => id).slice(0, 11)).toEqual(before);
  });

  test('sources, keys, deliveries and tenants', async () => {
    const { api } = await newTenant(relay);
    const sources = await made(
      5,
      async (n) => (await api.createSource({ provider: 'deskera', name: String(n) })).id,
    );
    const listed = await api.pages<Source>('/v1/sources?limit=2', () =>
      api.createSource({ provider: 'deskera', name: 'later' }),
    );
    expect(listed.map(({ id }) => id)).toEqual([...sources].reverse());

    const keys = await made(4, async () => (await api.createKey()).id);
    const listedKeys = await api.pages<{ id: string }>('/v1/keys?limit=2&order=asc');
    expect(listedKeys.map(({ id }) => id).slice(-4)).toEqual(keys);

    const hook = await api.createHook({ url: receiver.url, paused: true });
    const events = await made(5, async () => (await api.publish(ownEvent())).id);
    await api.expect(200, 'POST', `/v1/hooks/${hook.id}/resume`);
    await receiver.waitFor((all) =>
      events.every((id) => all.some(({ headers }) => headers['webhook-id'] === id)),
    );
    const deliveries = await api.pages<{ eventId: string }>(`/v1/hooks/${hook.id}/deliveries?limit=2`);
    expect(deliveries.map(({ eventId }) => eventId)).toEqual([...events].reverse());

    const operator = new Api(relay.url, relay.adminKey);
    const ids = (await operator.pages<{ id: string }>('/v1/tenants?limit=2&order=asc')).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual([...ids].sort());
    expect(ids).toContain('default');
  });

  test('limit 200 is given, the default is 50', async () => {
    const { api } = await newTenant(relay);
    await Promise.all(Array.from({ length: 60 }, () => api.publish(ownEvent())));
    expect(await api.events()).toHaveLength(50);
    expect(await api.events('?limit=200')).toHaveLength(60);
    const exact = (await api.expect(200, 'GET', '/v1/events?limit=60')) as Page<Envelope>;
    expect(exact.nextCursor).toBeNull();
  });

  test('a page ends early at 4 MiB and the rest follows', async () => {
    const { api } = await newTenant(relay);
    const ids = await made(6, async () => (await api.publish(ownEvent({ data: 'x'.repeat(1_000_000) }))).id);
    const first = (await api.expect(200, 'GET', '/v1/events')) as Page<Envelope>;
    expect(first.data.length).toBeGreaterThan(0);
    expect(first.data.length).toBeLessThan(6);
    const all = await api.pages<Envelope>('/v1/events');
    expect(all.map(({ posthornid }) => posthornid)).toEqual([...ids].reverse());
  });

  const lists = ['/v1/events', '/v1/hooks', '/v1/sources', '/v1/keys', '/v1/hooks/{hook}/deliveries'];
  test.each(lists)('%s: a wrong limit, order or cursor is 400 and named', async (list) => {
    const { id } = await tenant.api.createHook({ url: receiver.url, events: ['none'] });
    const path = list.replace('{hook}', String(id));
    const wrong = [
      ['limit', '0'],
      ['limit', '201'],
      ['limit', 'abc'],
      ['limit', '-1'],
      ['limit', '1.5'],
      ['limit', ''],
      ['cursor', 'abc'],
      ['cursor', ''],
      ['cursor', 'MTpz'],
      ['cursor', 'MTotMQ'],
      ['cursor', 'A'.repeat(3000)],
      ...(list.endsWith('deliveries') ? [['status', 'nonsense']] : [['order', 'up']]),
    ] as const;
    for (const [name, value] of wrong) {
      const reply = await tenant.api.request('GET', `${path}?${name}=${value}`);
      expect([value, refusal(reply)]).toEqual([value, `400 invalid query/${name}`]);
    }
  });
});

describe('events are found by', () => {
  let api: Api;
  let source: Source;
  let providerEvent: string;
  beforeAll(async () => {
    ({ api } = await newTenant(relay));
    source = await api.createSource({ provider: 'superoffice', name: 'so' });
    providerEvent = accepted(await arriveSigned(source, superofficeBody())).id;
    await api.publish(ownEvent({ id: 'a', type: 'x.one', subject: 's/1', source: '/one' }));
    await api.publish(ownEvent({ id: 'b', type: 'x.Two', subject: 's/2', source: '/two' }));
  });
  const found = async (query: string) => (await api.events(query)).map(({ id }) => id).sort();

  test('type, a pattern', async () => {
    expect(await found('?type=x.*')).toEqual(['a', 'b']);
    expect(await found('?type=X.TWO')).toEqual(['b']);
    expect(await found('?type=x')).toEqual([]);
    expect(refusal(await api.request('GET', '/v1/events?type=x.*y'))).toBe('400 invalid query/type');
  });
  test('subject, source and sourceId, exactly', async () => {
    expect(await found('?subject=s/1')).toEqual(['a']);
    expect(await found('?source=/two')).toEqual(['b']);
    expect((await api.events(`?sourceId=${source.id}`)).map(({ posthornid }) => posthornid)).toEqual([
      providerEvent,
    ]);
    expect(await found('?sourceId=src_none')).toEqual([]);
    expect(await found('?type=x.*&subject=s/2&source=/two')).toEqual(['b']);
  });
  test('time of receipt: from is inclusive, to exclusive', async () => {
    const [first] = await api.events('?order=asc');
    const at = encodeURIComponent(String(first?.recordedtime));
    expect(await api.events(`?from=${at}`)).toHaveLength(3);
    expect((await api.events(`?to=${at}`)).length).toBe(0);
    expect(await found('?from=2999-01-01T00:00:00%2B02:00')).toEqual([]);
    for (const wrong of ['yesterday', '2020-01-01', '1577836800']) {
      expect(refusal(await api.request('GET', `/v1/events?from=${wrong}`))).toBe('400 invalid query/from');
      expect(refusal(await api.request('GET', `/v1/events?to=${wrong}`))).toBe('400 invalid query/to');
    }
  });
});
