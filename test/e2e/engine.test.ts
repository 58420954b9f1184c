/** The delivery engine over the API: Retry-After, hand retry and cancel, notices, rotation, width. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, newTenant, ownEvent } from '../support/tenant.ts';
import { until } from '../support/until.ts';
import { isVerified } from '../support/verify.ts';

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([
    startRelay(),
    startReceiver({
      answer: ({ path }) => ({
        status: Number(/^\/(\d{3})/.exec(path)?.[1] ?? 200),
        headers: path.startsWith('/429') ? { 'retry-after': '600' } : {},
      }),
    }),
  ]);
  tenant = await newTenant(relay);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

const at = (path: string) => receiver.arrivals.filter((arrival) => arrival.path === path);

test('B4, B8: after a Retry-After the hook says what it waits for, and the delivery when it goes out; by hand it goes now', async () => {
  const { api } = tenant;
  const hook = await api.createHook({ url: `${receiver.url}429/hold`, events: ['hold.it'] });
  const { id } = await api.publish(ownEvent({ type: 'hold.it' }));
  const waiting = await until(
    async () =>
      (await api.expect(200, 'GET', `/v1/hooks/${hook.id}`)) as {
        waiting: { reason: string; until: string } | null;
      },
    (now) => now.waiting !== null,
  );
  expect(waiting.waiting?.reason).toBe('retry-after');
  const { nextAttemptAt } = await api.delivery(hook.id, id);
  expect(nextAttemptAt).toBe(waiting.waiting?.until);
  expect(Date.parse(nextAttemptAt ?? '') - Date.now()).toBeGreaterThan(500_000);
  await api.expect(202, 'POST', `/v1/hooks/${hook.id}/deliveries/${id}/retry`);
  await receiver.waitFor(() => at('/429/hold').length === 2);
  expect(at('/429/hold')[1]?.headers).toMatchObject({ 'posthorn-replay': 'manual', 'webhook-id': id });
});

test('B10: a dead delivery is told to hooks that name posthorn.*, once, and to no other', async () => {
  const { api } = await newTenant(relay);
  await api.createHook({ url: `${receiver.url}200/named`, events: ['posthorn.delivery.dead'] });
  const all = await api.createHook({ url: `${receiver.url}200/all`, events: ['*'] });
  const bad = await api.createHook({
    url: `${receiver.url}500/bad`,
    events: ['dies'],
    retry: { scheduleSeconds: [] },
  });
  const { id } = await api.publish(ownEvent({ type: 'dies' }));
  await receiver.waitFor(() => at('/200/named').length > 0);
  const [arrival] = at('/200/named');
  expect(JSON.parse(arrival?.body.toString() ?? '')).toMatchObject({
    type: 'posthorn.delivery.dead',
    subject: `hook/${bad.id}`,
    data: {
      provider: 'posthorn',
      raw: {
        hookId: bad.id,
        hookName: '',
        eventId: id,
        eventType: 'dies',
        eventSubject: null,
        reason: 'exhausted',
        since: null,
        statusCode: 500,
        error: 'status',
      },
    },
  });
  await until(
    () => api.hook(all.id),
    ({ stats }) => stats.delivered === 1 && stats.pending === 0,
  );
  expect(at('/200/all')).toHaveLength(1);
  expect(at('/200/named')).toHaveLength(1);
});

test('A4: in the overlap both secrets verify; with overlap 0 the old ones end at once; five at most', async () => {
  const { api } = tenant;
  const hook = await api.createHook({ url: `${receiver.url}200/rotated`, events: ['rotated'] });
  const rotate = (body: unknown) => api.request('POST', `/v1/hooks/${hook.id}/rotate-secret`, body);
  const send = async () => {
    const before = at('/200/rotated').length;
    await api.publish(ownEvent({ type: 'rotated' }));
    await receiver.waitFor(() => at('/200/rotated').length > before);
    const arrival = at('/200/rotated').at(-1);
    if (arrival === undefined) throw new Error('nothing arrived');
    return arrival;
  };
  const secrets = [hook.secret];
  for (let time = 0; time < 4; time += 1) {
    const reply = await rotate({});
    expect(reply.status).toBe(200);
    secrets.unshift((reply.body as { secret: string }).secret);
  }
  const within = await send();
  expect(String(within.headers['webhook-signature']).split(' ')).toHaveLength(5);
  for (const secret of secrets) expect(isVerified(within, secret)).toBe(true);
  expect((await rotate({})).status).toBe(409);
  expect((await rotate({ overlapSeconds: 604_801 })).status).toBe(400);
  const last = await rotate({ overlapSeconds: 0 });
  const after = await send();
  expect(isVerified(after, (last.body as { secret: string }).secret)).toBe(true);
  for (const secret of secrets) expect(isVerified(after, secret)).toBe(false);
});

test('C4: cancelling a head that fails lets the next of its subject go', async () => {
  const { api } = tenant;
  const hook = await api.createHook({ url: `${receiver.url}500/head`, events: ['head'] });
  const { id: head } = await api.publish(ownEvent({ type: 'head', subject: 'a' }));
  const { id: next } = await api.publish(ownEvent({ type: 'head', subject: 'a' }));
  await receiver.waitFor(() => at('/500/head').length === 1);
  await until(
    () => api.delivery(hook.id, head),
    ({ attempts }) => attempts === 1,
  );
  const path = `/v1/hooks/${hook.id}/deliveries/${head}/cancel`;
  expect(await api.expect(200, 'POST', path)).toMatchObject({ status: 'cancelled', reason: 'cancelled' });
  expect((await api.request('POST', path)).status).toBe(409);
  await receiver.waitFor(() => at('/500/head').length >= 2);
  expect(at('/500/head')[1]?.headers['webhook-id']).toBe(next);
});
