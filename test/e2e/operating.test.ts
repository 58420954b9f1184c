/** What an operator looks at: lists over hooks, counts, series and metrics. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, type Hook, type Page, refusal } from '../support/api.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { newTenant, ownEvent, type Tenant } from '../support/tenant.ts';
import { until } from '../support/until.ts';

const STATUSES: Record<string, number> = { '/fails': 500, '/refuses': 400 };

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
let api: Api;
/** By what becomes of its deliveries. */
let hooks: Record<'well' | 'failing' | 'dead' | 'paused', Hook>;

beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  tenant = await newTenant(relay);
  ({ api } = tenant);
  receiver.answerWith(({ path }) => ({ status: STATUSES[path] ?? 200 }));
  const create = (name: string, path: string, members = {}) =>
    api.createHook({ name, uid: `uid-${name}`, url: `${receiver.url}${path}`, ...members });
  hooks = {
    well: await create('well', 'well'),
    failing: await create('failing', 'fails', { retry: { scheduleSeconds: [3600], jitter: 0 } }),
    dead: await create('dead', 'refuses', { retry: { giveUpOn: [400] } }),
    paused: await create('paused', 'Paused/Here', { paused: true }),
  };
  for (let n = 1; n <= 5; n += 1)
    await api.publish({ ...ownEvent(), type: `test.number.${n}`, subject: `s${n}` });
  await until(
    () => api.hook(hooks.failing.id),
    (hook) => (hook as unknown as { stats: { consecutiveFailures: number } }).stats.consecutiveFailures >= 5,
  );
  await until(
    () => api.hook(hooks.dead.id),
    ({ stats }) => stats.dead === 5,
  );
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

const listed = async (query: string) =>
  ((await api.expect(200, 'GET', `/v1/hooks?${query}`)) as Page<Hook>).data.map(({ id }) => id);

test('rows of hooks say what is wrong with them', async () => {
  const { data } = (await api.expect(200, 'GET', '/v1/hooks?order=asc')) as Page<Hook>;
  const time = expect.stringMatching(/^\d{4}-.*Z$/) as string;
  expect(data).toMatchObject([
    {
      failing: false,
      pending: 0,
      retrying: 0,
      dead: 0,
      oldestPendingAt: null,
      lastFailureAt: null,
      lastError: null,
    },
    { failing: true, pending: 5, dead: 0, oldestPendingAt: time, lastFailureAt: time, lastError: 'status' },
    { failing: false, pending: 0, dead: 5, oldestPendingAt: null, lastFailureAt: time, lastError: 'status' },
    { failing: false, pending: 5, retrying: 0, dead: 0, oldestPendingAt: time, lastFailureAt: null },
  ]);
  const exact = await api.hook(hooks.failing.id);
  expect(exact.stats).toMatchObject({ pending: 5, oldestPendingAt: time });
  // A row that is sent back is taken.
  const { headers: _headers, ...row } = data[0] as unknown as Record<string, unknown>;
  await api.patchHook(hooks.well.id, row);
});

test.each([
  ['state=active', ['dead', 'failing', 'well']],
  ['state=paused', ['paused']],
  ['state=disabled', []],
  ['failing=true', ['failing']],
  ['failing=false', ['paused', 'dead', 'well']],
  ['failing=false&state=active', ['dead', 'well']],
  ['uid=uid-dead', ['dead']],
  ['uid=uid', []],
  ['name=well', ['well']],
  ['name=wel', []],
  ['url=paused/here', ['paused']],
  ['url=127.0.0.1&order=asc', ['well', 'failing', 'dead', 'paused']],
] as const)('hooks by %s', async (query, names) => {
  expect(await listed(query)).toEqual(names.map((name) => hooks[name].id));
});

test('filters hold from page to page, and a cursor is of one list', async () => {
  const pages = await api.pages<Hook>('/v1/hooks?state=active&limit=1');
  expect(pages.map(({ id }) => id)).toEqual([hooks.dead.id, hooks.failing.id, hooks.well.id]);
  const { nextCursor } = (await api.expect(200, 'GET', '/v1/hooks?state=active&limit=1')) as Page<Hook>;
  const other = await api.request('GET', `/v1/hooks?state=paused&limit=1&cursor=${nextCursor}`);
  expect(refusal(other)).toBe('400 invalid query/cursor');
});

test.each(['state=gone', 'failing=yes', 'failing=', 'uid=', 'name=', 'url=', 'color=red'])(
  'hooks by %s is refused',
  async (query) => {
    const [name] = query.split('=');
    expect(refusal(await api.request('GET', `/v1/hooks?${query}`))).toBe(`400 invalid query/${name}`);
  },
);

test('stats count the hooks of which nothing arrives', async () => {
  expect(await api.expect(200, 'GET', '/v1/stats')).toMatchObject({
    delivered: 5,
    dead: 5,
    pending: 10,
    hooks: { active: 3, paused: 1, disabled: 0, failing: 1 },
  });
});

type Point = Readonly<Record<string, number | string | null>>;

const pointsOf = async (query: string) =>
  ((await api.expect(200, 'GET', `/v1/stats/series?${query}`)) as { step: string; data: readonly Point[] })
    .data;

function sumOf(points: readonly Point[], metric: string): number {
  return points.reduce((sum, point) => sum + Number(point[metric]), 0);
}

test('series: a point for each of the last 24 hours, with the members that were asked for', async () => {
  const points = await pointsOf('metric=accepted,delivered,dead');
  expect(points).toHaveLength(24);
  expect(Object.keys(points[0] ?? {})).toEqual(['at', 'accepted', 'delivered', 'dead']);
  expect(points.at(-1)?.['at']).toMatch(/:00:00\.000Z$/);
  expect(sumOf(points, 'delivered')).toBe(5);
  expect(sumOf(points, 'dead')).toBe(5);
  expect(sumOf(points, 'accepted')).toBeGreaterThanOrEqual(5);
  const days = await pointsOf('step=day');
  expect(days).toHaveLength(30);
  expect(days.map(({ at }) => String(at).slice(10))).toEqual(Array(30).fill('T00:00:00.000Z'));
  expect(sumOf(days, 'delivered')).toBe(5);
  // Those of the last 90 days are kept.
  expect(await pointsOf('metric=failed&from=2020-01-01T00:00:00Z')).toHaveLength(90 * 24);
});

test('series of one hook, and of one source', async () => {
  const [failing, dead] = [hooks.failing.id, hooks.dead.id];
  expect(sumOf(await pointsOf(`metric=failed&hook=${dead}`), 'failed')).toBe(5);
  expect(sumOf(await pointsOf(`metric=delivered&hook=${failing}`), 'delivered')).toBe(0);
  const last = (await pointsOf(`metric=durationP50Ms,durationP95Ms&hook=${dead}`)).filter(
    (point) => point['durationP50Ms'] !== null,
  );
  expect(last.length).toBeGreaterThan(0);
  const source = await api.createSource({ provider: 'superoffice', name: 'silent' });
  expect(sumOf(await pointsOf(`metric=accepted&source=${source.id}`), 'accepted')).toBe(0);
  const from = new Date(Date.now() - 3_600_000).toISOString();
  const to = new Date().toISOString();
  expect((await pointsOf(`from=${from}&to=${to}`)).length).toBeLessThanOrEqual(2);
});

test.each([
  ['metric=bogus', '400 invalid query/metric'],
  ['metric=accepted,', '400 invalid query/metric'],
  ['metric=', '400 invalid query/metric'],
  ['step=week', '400 invalid query/step'],
  ['from=yesterday', '400 invalid query/from'],
  ['from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z', '400 invalid query/from'],
  ['hook=x', '400 invalid query/hook'],
  ['metric=accepted&hook=1', '400 invalid query/hook'],
  ['metric=dead&source=src_1', '400 invalid query/source'],
  ['hook=4711', '404 not-found'],
  ['source=src_none', '404 not-found'],
])('series by %s is refused: %s', async (query, expected) => {
  expect(refusal(await api.request('GET', `/v1/stats/series?${query}`))).toBe(expected);
});

test('events by a text of their body', async () => {
  const text = encodeURIComponent('"type":"test.number.3"');
  const found = await api.events(`?contains=${text}`);
  expect(found.map(({ type }) => type)).toEqual(['test.number.3']);
  expect(refusal(await api.request('GET', '/v1/events?contains='))).toBe('400 invalid query/contains');
});

interface Row {
  readonly hookId: number;
  readonly hookName: string;
  readonly eventId: string;
  readonly type: string;
  readonly status: string;
  readonly lastStatusCode: number | null;
  readonly lastError: string | null;
}

const rowsOf = async (query: string) =>
  ((await api.expect(200, 'GET', `/v1/deliveries?${query}`)) as Page<Row>).data;

test('deliveries of all hooks: those of hooks with trouble first, each with what its last attempt came to', async () => {
  const rows = await rowsOf('limit=200');
  const of = ({ id }: Hook) => rows.filter(({ hookId }) => hookId === id);
  const order = [hooks.failing, hooks.dead, hooks.well, hooks.paused].map(({ id }) => id);
  expect(rows.map(({ hookId }) => hookId)).toEqual(order.flatMap((id) => Array<number>(5).fill(id)));
  const newestFirst = [5, 4, 3, 2, 1].map((n) => `test.number.${n}`);
  expect(of(hooks.failing).map(({ type }) => type)).toEqual(newestFirst);
  expect(of(hooks.failing)[0]).toMatchObject({
    hookName: 'failing',
    status: 'pending',
    attempts: expect.any(Number) as number,
    lastStatusCode: 500,
    lastError: 'status',
  });
  expect(of(hooks.dead)[0]).toMatchObject({ status: 'dead', reason: 'gave-up', lastStatusCode: 400 });
  expect(of(hooks.well)[0]).toMatchObject({ status: 'delivered', lastStatusCode: 200, lastError: null });
  expect(of(hooks.paused)[0]).toMatchObject({ status: 'held', lastStatusCode: null, lastError: null });
});

test.each([1, 3, 5, 7])('deliveries of all hooks by %i: each is in one page', async (limit) => {
  const rows = await api.pages<Row>(`/v1/deliveries?limit=${limit}`);
  expect(rows).toEqual(await rowsOf('limit=200'));
});

test.each([
  ['status=dead', ['dead', 'dead', 'dead', 'dead', 'dead']],
  ['status=pending&subject=s2', ['failing']],
  ['status=held&type=test.number.4', ['paused']],
  ['status=cancelled', []],
  ['status=delivered&type=test.*.1', ['well']],
  ['subject=s1&limit=2', ['failing', 'dead']],
] as const)('deliveries of all hooks by %s', async (query, names) => {
  expect((await rowsOf(query)).map(({ hookName }) => hookName)).toEqual(names);
});

test('deliveries of one hook in the list of all', async () => {
  const rows = await rowsOf(`hook=${hooks.dead.id}&limit=3`);
  expect(rows.map(({ hookName }) => hookName)).toEqual(['dead', 'dead', 'dead']);
  expect(await rowsOf('hook=4711')).toEqual([]);
});

test.each(['status=lost', 'hook=abc', 'hook=0', 'hook=99999999999', 'type=a..b', 'order=asc', 'cursor=x'])(
  'deliveries of all hooks by %s is refused',
  async (query) => {
    const reply = await api.request('GET', `/v1/deliveries?${query}`);
    expect(refusal(reply)).toBe(`400 invalid query/${query.split('=')[0]}`);
  },
);

test('a cursor of the deliveries of all hooks is of one list', async () => {
  const { nextCursor } = (await api.expect(200, 'GET', '/v1/deliveries?status=dead&limit=1')) as Page<Row>;
  for (const query of ['limit=1', 'status=dead&subject=s1', `status=dead&hook=${hooks.dead.id}`]) {
    const reply = await api.request('GET', `/v1/deliveries?${query}&cursor=${nextCursor}`);
    expect(refusal(reply)).toBe('400 invalid query/cursor');
  }
});

/** The samples of a scrape by name and labels; each line must be one of the format. */
async function scraped(key: string, headers: Record<string, string> = {}): Promise<Map<string, number>> {
  const reply = await fetch(new URL('/metrics', relay.url), {
    headers: { authorization: `Bearer ${key}`, ...headers },
  });
  const text = await reply.text();
  expect(reply.status).toBe(200);
  expect(reply.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const samples = new Map<string, number>();
  for (const line of text.trimEnd().split('\n')) {
    if (/^# (HELP|TYPE) [a-z_]+ .+$/.test(line)) continue;
    const [, sample, value] = /^([a-z_]+(?:\{[^{}]*\})?) (\S+)$/.exec(line) ?? [];
    if (sample === undefined || value === undefined) throw new Error(`no line of the format: ${line}`);
    samples.set(sample, Number(value));
  }
  return samples;
}

test('metrics tell of the tenant, its hooks and its sources', async () => {
  const source = await api.createSource({ provider: 'superoffice', name: 'one' });
  const refused = await fetch(source.inboundUrl, { method: 'POST', body: '{}' });
  expect(refused.status).toBe(401);
  const samples = await scraped(tenant.key);
  const of = (name: string, labels: string) => samples.get(`${name}{tenant="${tenant.id}"${labels}}`);
  const hook = ({ id }: Hook) => `,hook="${id}"`;
  expect(of('posthorn_tenant_up', '')).toBe(1);
  expect(of('posthorn_hooks_active', '')).toBe(3);
  expect(of('posthorn_hooks_paused', '')).toBe(1);
  expect(of('posthorn_hooks_failing', '')).toBe(1);
  expect(of('posthorn_pending', '')).toBe(10);
  expect(of('posthorn_hook_deliveries_total', `${hook(hooks.well)},outcome="delivered"`)).toBe(5);
  expect(of('posthorn_hook_deliveries_total', `${hook(hooks.dead)},outcome="dead"`)).toBe(5);
  expect(of('posthorn_hook_attempts_total', `${hook(hooks.dead)},outcome="failed"`)).toBe(5);
  expect(of('posthorn_hook_failing', hook(hooks.failing))).toBe(1);
  expect(of('posthorn_hook_pending', hook(hooks.paused))).toBe(5);
  expect(of('posthorn_hook_waiting', `${hook(hooks.paused)},reason="paused"`)).toBe(1);
  expect(
    of('posthorn_source_requests_total', `,source="${source.id}",outcome="rejected",reason="signature"`),
  ).toBe(1);
  expect([...samples.keys()].filter((sample) => sample.includes('tenant='))).toSatisfy((all: string[]) =>
    all.every((sample) => sample.includes(`tenant="${tenant.id}"`)),
  );
});

test('the admin key scrapes all tenants, or the one that it picks', async () => {
  const other = await newTenant(relay);
  const up = async (headers?: Record<string, string>) =>
    [...(await scraped(relay.adminKey, headers)).keys()].filter((sample) =>
      sample.startsWith('posthorn_tenant_up'),
    );
  const sample = (id: string) => `posthorn_tenant_up{tenant="${id}"}`;
  expect(await up()).toEqual(
    expect.arrayContaining([sample('default'), sample(other.id), sample(tenant.id)]),
  );
  expect(await up({ 'posthorn-tenant': other.id })).toEqual([sample(other.id)]);
});

test('with LOG_LEVEL=warn nothing is printed for an event, an attempt or a refusal', () => {
  const lines = relay.logs().split('\n');
  expect(lines.filter((line) => / (inbound|published|attempt|posthorn\.delivery\.dead) /.test(line))).toEqual(
    [],
  );
  // That nothing of a hook arrives is told once.
  expect(lines.filter((line) => / WARN posthorn\.hook\.failing /.test(line))).toHaveLength(1);
});

test('metrics need a key, of a viewer as well, and know no parameter', async () => {
  const keyOf = async (role: string) =>
    ((await api.expect(201, 'POST', '/v1/keys', { name: role, role })) as { key: string }).key;
  const key = await keyOf('viewer');
  expect((await scraped(key)).size).toBeGreaterThan(10);
  const publisher = await keyOf('publisher');
  const refused = await api.request('GET', '/metrics', undefined, {
    authorization: `Bearer ${publisher}`,
  });
  expect(refusal(refused)).toBe('403 forbidden');
  expect((await fetch(new URL('/metrics', relay.url))).status).toBe(401);
  expect(refusal(await api.request('GET', '/metrics?name=up'))).toBe('400 invalid query/name');
});
