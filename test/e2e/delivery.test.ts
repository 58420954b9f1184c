/** What becomes of an event: outcomes, the retry that is announced, reading one's own writes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, type Delivery, type Hook, refusal } from '../support/api.ts';
import { type Arrival, type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, accepted, arrive, newTenant, ownEvent } from '../support/tenant.ts';
import { until } from '../support/until.ts';

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([
    startRelay(),
    // The first segment of the path is the status to answer with.
    startReceiver({ answer: ({ path }) => ({ status: Number(/^\/(\d{3})/.exec(path)?.[1] ?? 200) }) }),
  ]);
  tenant = await newTenant(relay);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

function idsAt(path: string): string[] {
  return receiver.arrivals
    .filter((arrival) => arrival.path === path)
    .map(({ headers }) => String(headers['webhook-id']));
}

async function arrivedAt(path: string, id: string): Promise<void> {
  const isIt = (arrival: Arrival) => arrival.path === path && arrival.headers['webhook-id'] === id;
  await receiver.waitFor((all) => all.some(isIt));
}

/** The delivery once it is in that state. */
async function becomes(api: Api, hook: Hook, id: string, status: string): Promise<void> {
  await until(
    () => api.explain(id, hook.id),
    (delivery) => delivery.status === status,
  );
}

describe('B1: outcomes', () => {
  test.each([200, 201, 202, 204, 206, 299])('%i is delivered', async (status) => {
    const hook = await tenant.api.createHook({ url: `${receiver.url}${status}`, events: [`b1.n${status}`] });
    const { id } = await tenant.api.publish(ownEvent({ type: `b1.n${status}` }));
    await becomes(tenant.api, hook, id, 'delivered');
    const delivery = await tenant.api.delivery(hook.id, id);
    expect(delivery).toMatchObject({ attempts: 1, reason: null, nextAttemptAt: null, sequence: 1 });
    expect(delivery.attemptLog).toMatchObject([
      { number: 1, outcome: 'delivered', statusCode: status, error: null },
    ]);
    expect((await tenant.api.hook(hook.id)).stats).toMatchObject({ pending: 0, delivered: 1, dead: 0 });
  });

  test.each([
    [301, 'redirect'],
    [302, 'redirect'],
    [304, 'redirect'],
    [307, 'redirect'],
    [308, 'redirect'],
    [400, 'status'],
    [401, 'status'],
    [404, 'status'],
    [429, 'status'],
    [500, 'status'],
    [503, 'status'],
    [521, 'unreachable'],
  ])('%i is failed as %s; with no step left the delivery is dead', async (status, error) => {
    const hook = await tenant.api.createHook({
      url: `${receiver.url}${status}`,
      events: [`b1.n${status}`],
      retry: { scheduleSeconds: [] },
    });
    const { id } = await tenant.api.publish(ownEvent({ type: `b1.n${status}` }));
    await becomes(tenant.api, hook, id, 'dead');
    const delivery = await tenant.api.delivery(hook.id, id);
    expect(delivery).toMatchObject({ attempts: 1, reason: 'exhausted', nextAttemptAt: null });
    expect(delivery.attemptLog).toMatchObject([{ number: 1, outcome: 'failed', statusCode: status, error }]);
    expect((await tenant.api.hook(hook.id)).stats).toMatchObject({
      pending: 0,
      delivered: 0,
      dead: 1,
      lastError: error,
    });
  });

  test('B14: a status in giveUpOn is dead at once', async () => {
    const hook = await tenant.api.createHook({
      url: `${receiver.url}422`,
      events: ['b14.*'],
      retry: { giveUpOn: [422] },
    });
    const { id } = await tenant.api.publish(ownEvent({ type: 'b14.it' }));
    await becomes(tenant.api, hook, id, 'dead');
    expect(await tenant.api.delivery(hook.id, id)).toMatchObject({
      reason: 'gave-up',
      attemptLog: [{ outcome: 'gave-up', statusCode: 422, error: 'status' }],
    });
  });

  test('B9: a refused connection is failed as connection-lost', async () => {
    const gone = await startReceiver();
    await gone.close();
    const hook = await tenant.api.createHook({
      url: gone.url,
      events: ['b9.*'],
      retry: { scheduleSeconds: [] },
    });
    const { id } = await tenant.api.publish(ownEvent({ type: 'b9.it' }));
    await becomes(tenant.api, hook, id, 'dead');
    expect((await tenant.api.delivery(hook.id, id)).attemptLog).toMatchObject([
      { outcome: 'failed', statusCode: null, error: 'connection-lost' },
    ]);
  });
});

describe('the retry', () => {
  test('B8: nextAttemptAt is when it goes out', async () => {
    const hook = await tenant.api.createHook({
      url: `${receiver.url}500/b8`,
      events: ['b8.*'],
      retry: { scheduleSeconds: [1], jitter: 0 },
    });
    const { id } = await tenant.api.publish(ownEvent({ type: 'b8.it' }));
    const { nextAttemptAt } = await until(
      () => tenant.api.delivery(hook.id, id).catch(() => ({ attempts: 0, nextAttemptAt: null })),
      ({ attempts }) => attempts === 1,
    );
    const [, second] = await receiver
      .waitFor((all) => all.filter(({ path }) => path === '/500/b8').length === 2)
      .then((all) => all.filter(({ path }) => path === '/500/b8'));
    const dueAtMs = Date.parse(String(nextAttemptAt));
    expect(second?.at).toBeGreaterThanOrEqual(dueAtMs);
    expect(second?.at).toBeLessThan(dueAtMs + 2_000);
    await becomes(tenant.api, hook, id, 'dead');
    expect((await tenant.api.delivery(hook.id, id)).attempts).toBe(2);
  });

  test('B7: jitter stretches a step within its band, by another share for each delivery', async () => {
    const COUNT = 12;
    const HOOKS = 4;
    const hooks: Hook[] = [];
    // Fewer deliveries each than make a hook failing, which goes on one probe at a time.
    for (let n = 0; n < HOOKS; n += 1) {
      hooks.push(
        await tenant.api.createHook({
          url: `${receiver.url}500/b7`,
          events: ['b7.*'],
          ordering: 'none',
          retry: { scheduleSeconds: [1000], jitter: 0.5 },
        }),
      );
    }
    for (let n = 0; n < COUNT / HOOKS; n += 1) await tenant.api.publish(ownEvent({ type: 'b7.it' }));
    const waitsOf = async (hook: Hook): Promise<number[]> => {
      const deliveries = await until(
        () => tenant.api.deliveries(hook.id),
        (all) => all.length === COUNT / HOOKS && all.every(({ attempts }) => attempts === 1),
      );
      return Promise.all(
        deliveries.map(async ({ eventId, nextAttemptAt }: Delivery) => {
          const [attempt] = (await tenant.api.delivery(hook.id, eventId)).attemptLog;
          const endedMs = Date.parse(attempt?.at ?? '') + (attempt?.durationMs ?? 0);
          return Date.parse(String(nextAttemptAt)) - endedMs;
        }),
      );
    };
    const waitsMs = (await Promise.all(hooks.map(waitsOf))).flat();
    expect(waitsMs).toHaveLength(COUNT);
    for (const waitMs of waitsMs) {
      // The attempt log and the schedule read the clock a few milliseconds apart.
      expect(waitMs).toBeGreaterThanOrEqual(1_000_000 - 50);
      expect(waitMs).toBeLessThanOrEqual(1_500_000 + 1_000);
    }
    expect(new Set(waitsMs.map((waitMs) => Math.round(waitMs / 100))).size).toBeGreaterThan(COUNT / 2);
  });
});

describe('read your writes', () => {
  test('a hook gets every event accepted after its creation was answered', async () => {
    const { api } = await newTenant(relay);
    for (let n = 0; n < 10; n += 1) {
      await api.createHook({ url: `${receiver.url}ryw/${n}`, events: [`ryw.n${n}`] });
      const { id } = await api.publish(ownEvent({ type: `ryw.n${n}` }));
      await arrivedAt(`/ryw/${n}`, id);
      expect(idsAt(`/ryw/${n}`)).toEqual([id]);
    }
  });

  test('a deleted hook gets none of the events accepted after that was answered', async () => {
    const { api } = await newTenant(relay);
    const witness = await api.createHook({ url: `${receiver.url}deleted/witness` });
    for (let n = 0; n < 5; n += 1) {
      const hook = await api.createHook({ url: `${receiver.url}deleted/${n}` });
      await api.expect(204, 'DELETE', `/v1/hooks/${hook.id}`);
      const { id } = await api.publish(ownEvent());
      await becomes(api, witness, id, 'delivered');
      expect(await api.explain(id, hook.id)).toMatchObject({
        status: 'skipped',
        attempts: 0,
        reason: 'deleted',
      });
      expect(idsAt(`/deleted/${n}`)).toEqual([]);
      expect(refusal(await api.request('GET', `/v1/hooks/${hook.id}`))).toBe('404 not-found');
    }
  });

  test('changed patterns count for the next event, the old ones for those before', async () => {
    const { api } = await newTenant(relay);
    const hook = await api.createHook({ url: `${receiver.url}patched`, events: ['ryw.one'] });
    const ids = [];
    for (let n = 0; n < 5; n += 1) {
      await api.patchHook(hook.id, { events: ['ryw.two'] });
      const unwanted = await api.publish(ownEvent({ type: 'ryw.one' }));
      const wanted = await api.publish(ownEvent({ type: 'ryw.two' }));
      await api.patchHook(hook.id, { events: ['ryw.one'] });
      ids.push((await api.publish(ownEvent({ type: 'ryw.one' }))).id);
      ids.splice(-1, 0, wanted.id);
      expect(await api.explain(unwanted.id, hook.id)).toMatchObject({ status: 'skipped', reason: 'pattern' });
    }
    await arrivedAt('/patched', ids.at(-1) ?? '');
    expect(idsAt('/patched')).toEqual(ids);
  });

  test('a changed URL counts for the next attempt', async () => {
    const { api } = await newTenant(relay);
    const hook = await api.createHook({ url: `${receiver.url}url/old` });
    await api.patchHook(hook.id, { url: `${receiver.url}url/new` });
    const { id } = await api.publish(ownEvent());
    await arrivedAt('/url/new', id);
    expect(idsAt('/url/old')).toEqual([]);
  });

  test('a source’s URL and a key work as soon as they are answered; a deleted source and an unused revoked key do not', async () => {
    const { api } = await newTenant(relay);
    for (let n = 0; n < 5; n += 1) {
      const source = await api.createSource({ provider: 'deskera', name: 'fresh' });
      expect((await arrive(source, '{}')).status).toBe(200);
      const key = await api.createKey();
      expect((await new Api(relay.url, key.key).request('GET', '/v1/hooks')).status).toBe(200);
      await api.expect(204, 'DELETE', `/v1/sources/${source.id}`);
      expect((await arrive(source, '{}')).status).toBe(404);
      const unused = await api.createKey();
      await api.expect(204, 'DELETE', `/v1/keys/${unused.id}`);
      expect((await new Api(relay.url, unused.key).request('GET', '/v1/hooks')).status).toBe(401);
    }
  });

  test('a tenant works as soon as it is answered and is gone once its erasure is', async () => {
    const { id, api } = await newTenant(relay);
    const source = await api.createSource({ provider: 'deskera', name: 'erased' });
    accepted(await arrive(source, '{}'));
    const operator = new Api(relay.url, relay.adminKey);
    await operator.expect(202, 'DELETE', `/v1/tenants/${id}`);
    expect((await arrive(source, '{}')).status).toBe(404);
    expect(refusal(await new Api(relay.url, relay.adminKey, id).request('GET', '/v1/hooks'))).toBe(
      '404 not-found',
    );
    expect([401, 404]).toContain((await api.request('GET', '/v1/hooks')).status);
  });
});
