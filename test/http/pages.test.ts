/** Lists of what was registered before registrations had bounds: each answer is small, and all of it can be read and deleted. */
import { expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import type { Env } from '../../src/env.ts';
import { keyIn, Log, patchHookIn, pausedHookIn, relay } from '../objects/event-log/log.ts';
import { tenantsOf } from '../../src/registry/address.ts';

const PAGE_BYTES = 4 * 1024 * 1024;
const app = createApp();

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly link: string | null;
}

class Tenant {
  readonly log: Log;
  readonly #key: string;

  constructor(log: Log, key: string) {
    this.log = log;
    this.#key = key;
  }

  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const headers = {
      authorization: `Bearer ${this.#key}`,
      'x-access-token': this.#key,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await app.fetch(new Request(`https://relay.example.com${path}`, init), relay);
    return { status: response.status, text: await response.text(), link: response.headers.get('link') };
  }
}

async function newTenant(): Promise<Tenant> {
  const made = await tenantsOf(relay).create(`t-${crypto.randomUUID()}`, '', null);
  if (!made.ok) throw new Error(made.reason);
  const log = new Log(made.tenant);
  const { text } = await log.inside((object) => keyIn(object));
  return new Tenant(log, text);
}

/** So many copies of the newest hook. Their objects are told nothing until they are asked. */
async function copied(log: Log, count: number): Promise<void> {
  await log.rows(
    `WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?)
     INSERT INTO hooks (version, config, secret, relay_host, created_at, updated_at)
     SELECT version, config, secret, relay_host, created_at, updated_at
     FROM hooks, n WHERE id = (SELECT max(id) FROM hooks)`,
    count,
  );
  await log.rows(`INSERT INTO outbox (key, version) SELECT 'object:hook:' || id, 1 FROM hooks WHERE id > 1`);
}

/** Puts into a hook's row what no API takes any more. */
async function grown(log: Log, path: string, value: unknown): Promise<void> {
  await log.rows(
    'UPDATE hooks SET config = json_set(config, ?, json(?)) WHERE id = (SELECT max(id) FROM hooks)',
    path,
    JSON.stringify(value),
  );
}

const bytesOf = (text: string) => new TextEncoder().encode(text).byteLength;

it('A2: hooks of 900 KB each are listed in small pages, exported and deleted', async () => {
  const tenant = await newTenant();
  const { log } = tenant;
  await log.inside((object) => pausedHookIn(object, { events: ['none'] }));
  await grown(log, '$.url', `https://example.com/${'x'.repeat(900_000)}`);
  await copied(log, 44);

  const ids: number[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page = await tenant.call('GET', `/v1/hooks?limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`);
    expect(page.status).toBe(200);
    expect(bytesOf(page.text)).toBeLessThanOrEqual(PAGE_BYTES);
    const { data, nextCursor } = JSON.parse(page.text) as {
      data: { id: number }[];
      nextCursor: string | null;
    };
    ids.push(...data.map(({ id }) => id));
    cursor = nextCursor;
  }
  expect(ids).toEqual(Array.from({ length: 45 }, (_, at) => 45 - at));

  const exported = await tenant.call('GET', '/v1/export?secrets=true');
  expect(exported.text.split('\n').filter((line) => line.startsWith('{"kind":"hook"'))).toHaveLength(45);
  expect((await tenant.call('GET', '/v1/hooks/7')).status).toBe(200);
  expect((await tenant.call('POST', '/v1/hooks/7/pause')).status).toBe(200);
  expect((await tenant.call('PATCH', '/v1/hooks/7', { concurrency: 2 })).status).toBe(200);
  expect((await tenant.call('PATCH', '/v1/hooks/7', { url: 'https://example.com/' })).status).toBe(200);
  expect((await tenant.call('DELETE', '/v1/hooks/8')).status).toBe(204);
});

it.each([
  ['Deskera’s', '/v1/webhooks', 'hookId', { kind: 'deskera', eventType: 'STOCK_IN' }, '$.url'],
  [
    'SuperOffice’s',
    '/api/v1/Webhook',
    'WebhookId',
    {
      kind: 'superoffice',
      type: 'webhook',
      events: ['a.b'],
      properties: null,
      secret: null,
      errorsEmail: null,
      headerNames: null,
    },
    '$.dialect.properties.text',
  ],
])('A2: %s list of such hooks ends early, and its link goes on', async (_name, path, id, dialect, member) => {
  const tenant = await newTenant();
  const { log } = tenant;
  await log.inside((object) => pausedHookIn(object, { events: ['none'] }));
  await grown(log, '$.dialect', dialect);
  await grown(log, '$.dialect.properties', {});
  await grown(log, member, `https://example.com/${'x'.repeat(900_000)}`);
  await copied(log, 11);

  const ids: unknown[] = [];
  let next: string | null = path;
  let answers = 0;
  while (next !== null) {
    const answer = await tenant.call('GET', next);
    expect(answer.status).toBe(200);
    expect(bytesOf(answer.text)).toBeLessThanOrEqual(PAGE_BYTES);
    ids.push(...(JSON.parse(answer.text) as Record<string, unknown>[]).map((item) => item[id]));
    next = answer.link === null ? null : (/^<(.*)>; rel="next"$/.exec(answer.link)?.[1] ?? 'no link');
    answers += 1;
  }
  expect(answers).toBe(3);
  expect(ids).toEqual(Array.from({ length: 12 }, (_, at) => at + 1));
  expect((await tenant.call('GET', `${path}?cursor=none`)).status).toBe(400);
  const remove = path === '/v1/webhooks' ? `${path}/delete/3` : `${path}/3`;
  expect((await tenant.call('DELETE', remove)).status).toBeLessThan(300);
});

it('A2: 200 hooks of 400 patterns of 300 characters are listed and deleted', async () => {
  const tenant = await newTenant();
  const { log } = tenant;
  await log.inside((object) => pausedHookIn(object, { events: ['none'] }));
  await grown(
    log,
    '$.events',
    Array.from({ length: 400 }, (_, at) => `${at}.`.padEnd(300, 'x')),
  );
  await copied(log, 199);
  const page = await tenant.call('GET', '/v1/hooks?limit=200');
  expect([page.status, bytesOf(page.text) <= PAGE_BYTES]).toEqual([200, true]);
  expect((await tenant.call('DELETE', '/v1/hooks/5')).status).toBe(204);
  expect((await tenant.call('PATCH', '/v1/hooks/6', { events: ['a.*'] })).status).toBe(200);
});

it('a page asks no more than 40 objects of hooks, whatever its limit', async () => {
  const tenant = await newTenant();
  const { log } = tenant;
  await log.inside((object) => pausedHookIn(object, { events: ['none'] }));
  await copied(log, 99);
  const asked = new Set<string>();
  const { HOOK } = relay;
  const counting = {
    getByName: (name: string) => {
      asked.add(name);
      return HOOK.getByName(name);
    },
  } as unknown as Env['HOOK'];
  await log.bind({ HOOK: counting });
  const { text } = await tenant.call('GET', '/v1/hooks?limit=200');
  const page = JSON.parse(text) as { data: { id: number }[]; nextCursor: string | null };
  expect(page.data.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, at) => 100 - at));
  expect(page.nextCursor).toBeNull();
  expect(asked.size).toBeLessThanOrEqual(40);
});

it('a page of deliveries with long types and subjects is small, and holds each delivery once', async () => {
  const tenant = await newTenant();
  const { log } = tenant;
  const id = (await log.inside((object) => pausedHookIn(object))).registration.id;
  const count = 200;
  for (let at = 0; at < count; at += 1) {
    await log.inside((object) => {
      const event = {
        id: `own-${at}`,
        source: '/shop',
        type: `t.${'語'.repeat(4000)}`,
        subject: '語'.repeat(4000),
        time: null,
      };
      return object.publish(event, new TextEncoder().encode('{}'), 'application/json', null);
    });
  }
  await log.settled();
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const path = `/v1/hooks/${id}/deliveries?limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const answer = await tenant.call('GET', path);
    expect(bytesOf(answer.text)).toBeLessThanOrEqual(PAGE_BYTES);
    const page = JSON.parse(answer.text) as { data: { eventId: string }[]; nextCursor: string | null };
    seen.push(...page.data.map(({ eventId }) => eventId));
    cursor = page.nextCursor;
  }
  expect(new Set(seen).size).toBe(count);
  expect(seen).toHaveLength(count);
  await log.inside((object) => patchHookIn(object, id, { name: 'still here' }));
});
