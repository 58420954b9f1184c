/** What a route does not know it refuses: parameters of a query, and a place in another list. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Page, type Problem, refusal } from '../support/api.ts';
import { type Answers, answersOf } from '../support/answers.ts';
import { superofficeRefusal, webhook, WEBHOOKS } from '../support/dialects.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, newTenant, ownEvent } from '../support/tenant.ts';

const URL = 'http://127.0.0.1:9/';

let relay: Relay;
let tenant: Tenant;
let answers: Answers;
let hookId: number;
let otherHookId: number;
let eventId: string;
let sourceId: string;
beforeAll(async () => {
  relay = await startRelay();
  tenant = await newTenant(relay);
  answers = await answersOf(relay.url);
  const members = { url: URL, paused: true };
  [hookId, otherHookId] = [
    (await tenant.api.createHook(members)).id,
    (await tenant.api.createHook(members)).id,
  ];
  await tenant.api.createHook(members);
  for (const name of ['one', 'two', 'three']) {
    sourceId = (await tenant.api.createSource({ provider: 'deskera', name })).id;
    await tenant.api.createKey();
    eventId = (await tenant.api.publish(ownEvent())).id;
  }
});
afterAll(() => relay.dispose());

function concrete(path: string): string {
  const id = path.startsWith('/v1/hooks/') ? hookId : path.startsWith('/v1/sources/') ? sourceId : eventId;
  return path.replace('{id}', String(id)).replace('{eventId}', eventId);
}

describe('D15: a query parameter', () => {
  test('that a native route does not know is 400 on every one, and nothing is done', async () => {
    let routes = 0;
    for (const [path, item] of Object.entries(answers.document.paths)) {
      if (path.startsWith('/in/') || !/^\/(v1\/|healthz)/.test(path)) continue;
      for (const [method, operation] of Object.entries(item)) {
        if ('tags' in operation && String(operation.tags).includes('dialect')) continue;
        const isForOperator = /^\/v1\/(tenants|switches|secrets)/.test(path);
        const { authorization } = { authorization: `Bearer ${isForOperator ? relay.adminKey : tenant.key}` };
        const body = method === 'get' || method === 'delete' ? undefined : {};
        const reply = await tenant.api.request(method.toUpperCase(), `${concrete(path)}?bogus=1`, body, {
          authorization,
        });
        expect([method, path, refusal(reply)]).toEqual([method, path, '400 invalid query/bogus']);
        routes += 1;
      }
    }
    expect(routes).toBeGreaterThan(35);
    expect(await tenant.api.hook(hookId)).toMatchObject({ state: 'paused' });
    expect(await tenant.api.expect(200, 'GET', `/v1/events/${eventId}/raw`)).toBeDefined();
  });

  test('says which ones there are', async () => {
    const reply = await tenant.api.request('GET', '/v1/events?status=dead&subject=a&x%2Fy=1');
    expect((reply.body as Problem).errors).toEqual([
      { path: 'query/status', expected: expect.stringContaining('sourceId') as string, got: 'status' },
      { path: 'query/x~1y', expected: expect.stringContaining('sourceId') as string, got: 'x/y' },
    ]);
    const none = await tenant.api.request('GET', '/v1/stats?x=1');
    expect((none.body as Problem).errors).toEqual([{ path: 'query/x', expected: 'no parameters', got: 'x' }]);
  });

  test.each([
    ['/v1/events?subject=a&subject=b', 'query/subject'],
    ['/v1/hooks?limit=1&limit=1', 'query/limit'],
    ['/v1/hooks?limit=0x10', 'query/limit'],
    ['/v1/hooks?limit=1e1', 'query/limit'],
    ['/v1/hooks?limit=%201', 'query/limit'],
    ['/v1/hooks?limit=+1', 'query/limit'],
    ['/v1/hooks?order=ASC', 'query/order'],
    ['/v1/hooks?Limit=1', 'query/Limit'],
    ['/v1/hooks?__proto__=1', 'query/__proto__'],
    ['/v1/hooks?=1', 'query/'],
    ['/v1/hooks?constructor', 'query/constructor'],
    ['/v1/export?secrets=1', 'query/secrets'],
  ])('%s is 400', async (path, named) => {
    expect(refusal(await tenant.api.request('GET', path))).toBe(`400 invalid ${named}`);
  });
});

describe('B8: a cursor', () => {
  const first = async (path: string) => {
    const { nextCursor } = (await tenant.api.expect(200, 'GET', path)) as Page<unknown>;
    if (nextCursor === null) throw new Error(`${path} has one page`);
    return nextCursor;
  };
  const withCursor = (path: string, cursor: string) =>
    tenant.api.request('GET', `${path}${path.includes('?') ? '&' : '?'}cursor=${cursor}`);

  test('goes on in its own list, whatever the limit of the next page', async () => {
    for (const path of [
      '/v1/events',
      '/v1/hooks',
      '/v1/sources',
      '/v1/keys',
      `/v1/hooks/${hookId}/deliveries`,
    ]) {
      const cursor = await first(`${path}?limit=1`);
      for (const limit of [1, 2, 50]) {
        expect((await withCursor(`${path}?limit=${limit}`, cursor)).status).toBe(200);
      }
    }
  });

  test('is 400 in any other list', async () => {
    const lists = [
      '/v1/events',
      '/v1/hooks',
      '/v1/sources',
      '/v1/keys',
      `/v1/hooks/${hookId}/deliveries`,
      `/v1/hooks/${otherHookId}/deliveries`,
      `/v1/events/${eventId}`,
    ];
    for (const from of lists) {
      const cursor = await first(`${from}?limit=1`);
      for (const to of lists) {
        if (to === from) continue;
        const reply = await withCursor(to, cursor);
        expect([from, to, refusal(reply)]).toEqual([from, to, '400 invalid query/cursor']);
      }
    }
  });

  test('is 400 with another order or other filters', async () => {
    const cursor = await first('/v1/events?limit=1');
    for (const query of [
      'order=asc',
      'type=test.*',
      'subject=a',
      'source=/test',
      'sourceId=x',
      'from=2020-01-01T00:00:00Z',
    ]) {
      expect([query, refusal(await withCursor(`/v1/events?${query}`, cursor))]).toEqual([
        query,
        '400 invalid query/cursor',
      ]);
    }
    expect((await withCursor('/v1/events?order=desc', cursor)).status).toBe(200);
    const filtered = await first('/v1/events?limit=1&type=test.*&order=asc');
    expect((await withCursor('/v1/events?order=asc&type=test.*', filtered)).status).toBe(200);
    expect(refusal(await withCursor('/v1/events?order=asc', filtered))).toBe('400 invalid query/cursor');
    const deliveries = await first(`/v1/hooks/${hookId}/deliveries?limit=1`);
    const held = `/v1/hooks/${hookId}/deliveries?status=held`;
    expect(refusal(await withCursor(held, deliveries))).toBe('400 invalid query/cursor');
  });

  test('is 400 for another tenant', async () => {
    const { api } = await newTenant(relay);
    const cursor = await first('/v1/hooks?limit=1');
    expect(refusal(await api.request('GET', `/v1/hooks?cursor=${cursor}`))).toBe('400 invalid query/cursor');
  });

  test('that was changed by a letter, cut or padded is 400', async () => {
    const cursor = await first('/v1/hooks?limit=1');
    const changed = [
      ...Array.from(
        cursor,
        (letter, at) => cursor.slice(0, at) + (letter === 'A' ? 'B' : 'A') + cursor.slice(at + 1),
      ),
      cursor.slice(0, -1),
      `${cursor}A`,
      `${cursor}=`,
      btoa(atob(cursor.replaceAll('-', '+').replaceAll('_', '/')).replace(/\d+$/, '01')),
    ];
    const statuses: number[] = [];
    for (const text of changed)
      statuses.push((await withCursor('/v1/hooks', encodeURIComponent(text))).status);
    // A digit of the place itself may become another one; nothing else is a cursor of this list.
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(2);
  });

  test('that is none is named also where it would not be used', async () => {
    const reply = await tenant.api.request('GET', `/v1/events/${eventId}?hook=${hookId}&cursor=x`);
    expect(refusal(reply)).toBe('400 invalid query/cursor');
  });
});

describe('D13: a header named __proto__', () => {
  const json = (members: object) => JSON.stringify(members).replace('"HERE":', '"__proto__":');

  test('is refused by its name, natively and in SuperOffice’s way, and nothing is made', async () => {
    const { api } = await newTenant(relay);
    const { id } = await api.createHook({ url: URL, paused: true, headers: { a: 'kept' } });
    for (const value of ['x', null, {}, 5]) {
      const headers = { b: 'x', HERE: value };
      const replies = [
        await api.request('POST', '/v1/hooks', json({ url: URL, headers })),
        await api.request('PATCH', `/v1/hooks/${id}`, json({ headers })),
      ];
      expect(replies.map(refusal)).toEqual(replies.map(() => '400 invalid /headers/__proto__'));
    }
    const entity = webhook(URL, { Headers: { HERE: 'x' }, State: 'Stopped' });
    const [status, message] = superofficeRefusal(await api.request('POST', WEBHOOKS, json(entity)));
    expect(status).toBe('400 ArgumentException');
    expect(message).toContain('__proto__');
    expect(await api.pages('/v1/hooks')).toHaveLength(1);
    expect(await api.hook(id)).toMatchObject({ headers: { a: '***' } });
  });
});
