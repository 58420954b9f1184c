/** Replays over the API, on a relay that is killed in the middle of one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refusal } from '../support/api.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, newTenant, ownEvent } from '../support/tenant.ts';
import { until } from '../support/until.ts';

interface Replay {
  readonly id: string;
  readonly state: string;
  readonly matched: number;
  readonly queued: number;
  readonly remaining: number;
}

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
/** What the receiver answers under each path; 200 else. */
const answers = new Map<string, number>();
beforeAll(async () => {
  [relay, receiver] = await Promise.all([
    startRelay(),
    startReceiver({ answer: ({ path }) => ({ status: answers.get(path) ?? 200 }) }),
  ]);
  tenant = await newTenant(relay);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

const FROM = '2020-01-01T00:00:00Z';
const at = (path: string) => receiver.arrivals.filter((arrival) => arrival.path === path);
const replayOf = (hookId: number, method: 'GET' | 'DELETE' = 'GET') =>
  tenant.api.expect(200, method, `/v1/hooks/${hookId}/replay`) as Promise<Replay>;
const start = (hookId: number, body: object) =>
  tenant.api.expect(202, 'POST', `/v1/hooks/${hookId}/replay`, body) as Promise<Replay>;
const settled = (hookId: number) =>
  until(
    () => tenant.api.hook(hookId),
    ({ stats }) => stats.pending === 0,
  );

async function publish(type: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1)
    ids.push((await tenant.api.publish(ownEvent({ type, subject: type }))).id);
  return ids;
}

test('B10: a dead delivery is replayed under the replay’s id, and is delivered', async () => {
  const { api } = tenant;
  answers.set('/dead', 500);
  const hook = await api.createHook({
    url: `${receiver.url}dead`,
    events: ['dies'],
    retry: { scheduleSeconds: [] },
  });
  expect(refusal(await api.request('GET', `/v1/hooks/${hook.id}/replay`))).toBe('404 not-found');
  expect(refusal(await api.request('DELETE', `/v1/hooks/${hook.id}/replay`))).toBe('404 not-found');
  const [id = ''] = await publish('dies', 1);
  await until(
    () => api.hook(hook.id),
    ({ stats }) => stats.dead === 1,
  );
  answers.delete('/dead');
  const replay = await start(hook.id, { from: FROM });
  expect(replay).toMatchObject({
    state: 'done',
    status: 'dead',
    types: null,
    to: null,
    matched: 1,
    queued: 1,
  });
  // It may have arrived by now.
  const unchanged = { ...replay, remaining: expect.any(Number) as number };
  expect(await replayOf(hook.id)).toEqual(unchanged);
  await settled(hook.id);
  expect(at('/dead').map(({ headers }) => headers['posthorn-replay'])).toEqual([undefined, replay.id]);
  expect(await api.delivery(hook.id, id)).toMatchObject({ status: 'delivered', attempts: 2, sequence: 1 });
  expect(await replayOf(hook.id, 'DELETE')).toEqual({ ...replay, remaining: 0 });
});

test('I2: kill -9 in the middle: a new hook gets all of the past once, in order, with numbers of its own', async () => {
  const { api } = tenant;
  const ids = await publish('past', 150);
  const hook = await api.createHook({ url: `${receiver.url}past`, events: ['past'], paused: true });
  const replay = await start(hook.id, { from: FROM, status: 'missing', types: ['past'] });
  expect(replay).toMatchObject({ state: 'running', matched: 100, queued: 100 });
  const second = await api.request('POST', `/v1/hooks/${hook.id}/replay`, { from: FROM });
  expect(refusal(second)).toBe('409 conflict');
  await relay.kill9();
  await relay.restart();
  await api.expect(200, 'POST', `/v1/hooks/${hook.id}/resume`);
  await receiver.waitFor(() => at('/past').length >= 20);
  await relay.kill9();
  await relay.restart();
  expect(
    await until(
      () => replayOf(hook.id),
      ({ state }) => state === 'done',
    ),
  ).toMatchObject({ id: replay.id, matched: 150, queued: 150 });
  await settled(hook.id);
  // What was in flight when the process died may have come twice.
  const arrived = [...new Set(at('/past').map(({ headers }) => headers['webhook-id']))];
  expect(arrived).toEqual(ids);
  const numbers = [...new Set(at('/past').map(({ headers }) => headers['posthorn-sequence']))];
  expect(numbers).toEqual(ids.map((_, at) => String(at + 1)));
  expect(at('/past').length).toBeLessThanOrEqual(ids.length + 2);
  expect((await api.hook(hook.id)).stats).toMatchObject({ pending: 0, delivered: 150 });
  expect(await start(hook.id, { from: FROM, status: 'missing' })).toMatchObject({
    state: 'done',
    matched: 0,
  });
});

test('B10: of a replay it is told how many have still to end', async () => {
  const { api } = tenant;
  const hook = await api.createHook({ url: `${receiver.url}again`, events: ['again'] });
  await publish('again', 5);
  // The last may not even be queued when the others have arrived.
  await until(
    () => api.hook(hook.id),
    ({ stats }) => stats.delivered === 5,
  );
  answers.set('/again', 500);
  const replay = await start(hook.id, { from: FROM, status: 'any' });
  expect(replay).toMatchObject({ state: 'done', queued: 5, remaining: 5 });
  // All have arrived before, so nothing counts as pending.
  expect((await api.hook(hook.id)).stats).toMatchObject({ pending: 0, delivered: 5 });
  expect(await replayOf(hook.id)).toMatchObject({ state: 'done', remaining: 5 });
  answers.delete('/again');
  await api.expect(202, 'POST', `/v1/hooks/${hook.id}/retry`);
  await until(
    () => replayOf(hook.id),
    ({ remaining }) => remaining === 0,
  );
  expect(at('/again')).toHaveLength(11);
});

test('many deliveries of a hook are retried and cancelled at once', async () => {
  const { api } = tenant;
  answers.set('/many', 503);
  const url = `${receiver.url}many`;
  const hook = await api.createHook({ url, events: ['many.*'], retry: { scheduleSeconds: [3600] } });
  const path = `/v1/hooks/${hook.id}`;
  await publish('many.a', 3);
  await publish('many.b', 2);
  await receiver.waitFor(() => at('/many').length >= 2);
  const pending = () =>
    until(
      () => api.hook(hook.id),
      ({ stats }) => stats.pending === 5,
    );
  await pending();
  expect(await api.expect(200, 'POST', `${path}/cancel`, { types: ['many.b'], before: FROM })).toEqual({
    cancelled: 0,
  });
  await api.expect(200, 'POST', `${path}/pause`);
  expect(refusal(await api.request('POST', `${path}/retry`))).toBe('409 conflict');
  expect(await api.expect(200, 'POST', `${path}/cancel`, { types: ['many.b'] })).toEqual({ cancelled: 2 });
  await api.expect(200, 'POST', `${path}/resume`);
  answers.delete('/many');
  expect(await api.expect(202, 'POST', `${path}/retry`, { subject: 'nothing' })).toEqual({ queued: 0 });
  await api.expect(202, 'POST', `${path}/retry`, {});
  await settled(hook.id);
  expect((await api.hook(hook.id)).stats).toMatchObject({ pending: 0, delivered: 3 });
  expect(await api.expect(202, 'POST', `${path}/retry`, { status: 'cancelled' })).toEqual({ queued: 2 });
  await settled(hook.id);
  expect((await api.hook(hook.id)).stats).toMatchObject({ pending: 0, delivered: 5 });
  const refused = async (call: string, body: unknown) =>
    refusal(await api.request('POST', `${path}/${call}`, body));
  expect(await refused('retry', { before: FROM })).toBe('400 invalid /before');
  expect(await refused('retry', { status: 'skipped', types: ['a.*b'], subject: 7 })).toBe(
    '400 invalid /types/0 /subject /status',
  );
  expect(await refused('cancel', { status: 'pending', before: 'noon' })).toBe('400 invalid /before /status');
  expect(refusal(await api.request('POST', '/v1/hooks/999/cancel', {}))).toBe('404 not-found');
});

test('what is wrong with a replay is named', async () => {
  const { api } = tenant;
  const hook = await api.createHook({ url: `${receiver.url}none` });
  const path = `/v1/hooks/${hook.id}/replay`;
  const refused = async (body: unknown) => refusal(await api.request('POST', path, body));
  expect(await refused({})).toBe('400 invalid /from');
  expect(await refused({ from: 'yesterday', to: 7 })).toBe('400 invalid /from /to');
  expect(await refused({ from: FROM, to: FROM })).toBe('400 invalid /to');
  expect(await refused({ from: FROM, types: ['a.*b', '*'], status: 'lost' })).toBe(
    '400 invalid /types/0 /status',
  );
  expect(await refused({ from: FROM, types: [] })).toBe('400 invalid /types');
  expect(await refused({ from: FROM, until: FROM })).toBe('400 invalid /until');
  expect(refusal(await api.request('POST', '/v1/hooks/999/replay', { from: FROM }))).toBe('404 not-found');
  expect(refusal(await api.request('GET', path))).toBe('404 not-found');
});
