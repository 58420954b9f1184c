/** Every event says what became of it for each hook, and why not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, type Hook, refusal } from '../support/api.ts';
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

/** The delivery once it is in that state. */
async function becomes(api: Api, hook: Hook, id: string, status: string): Promise<void> {
  await until(
    () => api.explain(id, hook.id),
    (delivery) => delivery.status === status,
  );
}

describe('I3: every event says what became of it, and why not', () => {
  test('pattern', async () => {
    const hook = await tenant.api.createHook({ url: receiver.url, events: ['i3.other'] });
    const { id } = await tenant.api.publish(ownEvent({ type: 'i3.pattern' }));
    expect(await tenant.api.explain(id, hook.id)).toEqual({
      hookId: hook.id,
      status: 'skipped',
      attempts: 0,
      reason: 'pattern',
      nextAttemptAt: null,
      waiting: null,
      attemptLog: [],
    });
  });

  test('what is next, and why then: a retry by the schedule, behind another of its subject, held', async () => {
    const hook = await tenant.api.createHook({
      url: `${receiver.url}500/i3/next`,
      events: ['i3.next'],
      retry: { scheduleSeconds: [3600], jitter: 0 },
    });
    const event = { type: 'i3.next', subject: 'i3/next' };
    const [head, behind] = [
      await tenant.api.publish(ownEvent(event)),
      await tenant.api.publish(ownEvent(event)),
    ];
    const failed = await until(
      () => tenant.api.explain(head.id, hook.id),
      ({ attempts, waiting }) => attempts === 1 && waiting?.reason === 'schedule',
    );
    expect(failed.attemptLog).toMatchObject([{ number: 1, outcome: 'failed', statusCode: 500 }]);
    expect(failed.waiting?.until).toBe(failed.nextAttemptAt);
    expect(Date.parse(failed.nextAttemptAt ?? '') - Date.now()).toBeGreaterThan(3_500_000);
    await until(
      () => tenant.api.explain(behind.id, hook.id),
      ({ waiting }) => waiting?.reason === 'order',
    );
    await tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/pause`);
    expect(await tenant.api.explain(head.id, hook.id)).toMatchObject({
      status: 'held',
      reason: 'paused',
      nextAttemptAt: null,
      waiting: { reason: 'paused', until: null },
    });
    const { deliveries } = await tenant.api.event(head.id);
    expect(deliveries.find(({ hookId }) => hookId === hook.id)).toEqual({
      hookId: hook.id,
      status: 'held',
      attempts: 1,
      reason: 'paused',
    });
  });

  test('source', async () => {
    const [wanted, other] = [
      await tenant.api.createSource({ provider: 'superoffice', name: 'wanted' }),
      await tenant.api.createSource({ provider: 'superoffice', name: 'other' }),
    ];
    const hook = await tenant.api.createHook({ url: `${receiver.url}i3/source`, sources: [wanted.id] });
    const { id } = accepted(await arriveSigned(other, superofficeBody()));
    const own = await tenant.api.publish(ownEvent());
    for (const eventId of [id, own.id]) {
      expect(await tenant.api.explain(eventId, hook.id)).toMatchObject({
        status: 'skipped',
        reason: 'source',
      });
    }
    const fitting = accepted(await arriveSigned(wanted, superofficeBody()));
    await becomes(tenant.api, hook, fitting.id, 'delivered');
    expect(idsAt('/i3/source')).toEqual([fitting.id]);
    await tenant.api.expect(204, 'DELETE', `/v1/hooks/${hook.id}`);
  });

  test('created-later', async () => {
    const { id } = await tenant.api.publish(ownEvent({ type: 'i3.earlier' }));
    const hook = await tenant.api.createHook({ url: receiver.url, events: ['i3.earlier'] });
    expect(await tenant.api.explain(id, hook.id)).toMatchObject({
      status: 'skipped',
      reason: 'created-later',
    });
  });

  test('deleted after the event: what was pending is cancelled and stays readable', async () => {
    const hook = await tenant.api.createHook({ url: receiver.url, events: ['i3.deleted'], paused: true });
    const { id } = await tenant.api.publish(ownEvent({ type: 'i3.deleted' }));
    await becomes(tenant.api, hook, id, 'held');
    await tenant.api.expect(204, 'DELETE', `/v1/hooks/${hook.id}`);
    expect(await tenant.api.explain(id, hook.id)).toMatchObject({ status: 'cancelled', reason: 'deleted' });
  });

  test('paused: held, and sent in order once resumed', async () => {
    const hook = await tenant.api.createHook({ url: `${receiver.url}i3/paused`, events: ['i3.paused'] });
    expect(await tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/pause`)).toMatchObject({
      state: 'paused',
      stateReason: 'paused',
    });
    const ids = [];
    for (let n = 0; n < 5; n += 1) ids.push((await tenant.api.publish(ownEvent({ type: 'i3.paused' }))).id);
    await becomes(tenant.api, hook, ids.at(-1) ?? '', 'held');
    expect(await tenant.api.explain(ids[0] ?? '', hook.id)).toMatchObject({
      status: 'held',
      reason: 'paused',
      attempts: 0,
    });
    expect(await tenant.api.deliveries(hook.id, '?status=held')).toHaveLength(5);
    expect(idsAt('/i3/paused')).toEqual([]);
    expect(await tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/resume`)).toMatchObject({
      state: 'active',
    });
    await becomes(tenant.api, hook, ids.at(-1) ?? '', 'delivered');
    expect(idsAt('/i3/paused')).toEqual(ids);
  });

  test('gone: a 410 disables the hook at once and its queue is held', async () => {
    const hook = await tenant.api.createHook({ url: `${receiver.url}410`, events: ['i3.gone'] });
    const first = await tenant.api.publish(ownEvent({ type: 'i3.gone' }));
    await becomes(tenant.api, hook, first.id, 'held');
    const second = await tenant.api.publish(ownEvent({ type: 'i3.gone' }));
    await becomes(tenant.api, hook, second.id, 'held');
    expect(await tenant.api.explain(first.id, hook.id)).toMatchObject({
      status: 'held',
      attempts: 1,
      reason: 'gone',
    });
    expect(await tenant.api.explain(second.id, hook.id)).toMatchObject({
      status: 'held',
      attempts: 0,
      reason: 'gone',
    });
    expect(await tenant.api.hook(hook.id)).toMatchObject({ state: 'disabled', stateReason: 'gone' });
    expect(idsAt('/410')).toEqual([first.id]);

    await tenant.api.patchHook(hook.id, { url: `${receiver.url}i3/revived` });
    expect(await tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/resume`)).toMatchObject({
      state: 'active',
      stateReason: null,
      stats: { consecutiveFailures: 0 },
    });
    await becomes(tenant.api, hook, second.id, 'delivered');
    expect(idsAt('/i3/revived')).toEqual([first.id, second.id]);
  });

  test('an event that no hook wanted is kept, with no deliveries', async () => {
    const { api } = await newTenant(relay);
    const { id } = await api.publish(ownEvent());
    const { event, deliveries } = await api.event(id);
    expect(event.posthornid).toBe(id);
    expect(deliveries).toEqual([]);
  });

  test('an event lists the hooks it matched and no others, page by page', async () => {
    const { api } = await newTenant(relay);
    const hooks = [];
    for (let n = 0; n < 5; n += 1) hooks.push(await api.createHook({ url: receiver.url, paused: true }));
    await api.createHook({ url: receiver.url, events: ['unmatched'] });
    const { id } = await api.publish(ownEvent());
    const seen: number[] = [];
    let query = '?limit=2';
    for (;;) {
      const view = await api.expect(200, 'GET', `/v1/events/${id}${query}`);
      const { deliveries, nextCursor } = view as {
        deliveries: { hookId: number }[];
        nextCursor: string | null;
      };
      seen.push(...deliveries.map(({ hookId }) => hookId));
      if (nextCursor === null) break;
      query = `?limit=2&cursor=${nextCursor}`;
    }
    expect(seen).toEqual(hooks.map((hook) => hook.id));
  });

  test('a hook that never was is 404, and so is an event', async () => {
    const { id } = await tenant.api.publish(ownEvent());
    for (const hook of ['9999', '0', '-1', 'abc', '2147483648']) {
      expect(refusal(await tenant.api.request('GET', `/v1/events/${id}?hook=${hook}`))).toBe('404 not-found');
    }
    for (const unknown of ['evt_01J9Z3K4M5N6P7Q8R9S0T1V2W3', `${id.slice(0, -1)}!`, 'x', id.toLowerCase()]) {
      expect(refusal(await tenant.api.request('GET', `/v1/events/${unknown}`))).toBe('404 not-found');
    }
  });
});

test('I4: patterns match whole segments, whatever the case', async () => {
  const { api } = await newTenant(relay);
  const patterns: Readonly<Record<string, readonly string[]>> = {
    '*': ['a', 'a.b', 'ab.c', 'a.b.c', 'x.contact.created'],
    'a.*': ['a.b', 'a.b.c'],
    a: ['a'],
    'A.B': ['a.b'],
    '*.contact.created': ['x.contact.created'],
    'a.*.c': ['a.b.c'],
  };
  const hooks = new Map<string, Hook>();
  for (const pattern of Object.keys(patterns)) {
    hooks.set(pattern, await api.createHook({ url: receiver.url, events: [pattern], paused: true }));
  }
  for (const type of ['a', 'a.b', 'ab.c', 'A.B.c', 'x.contact.created']) {
    const { id } = await api.publish(ownEvent({ type }));
    const { deliveries } = await api.event(id);
    const expected = [...hooks].filter(([pattern]) => patterns[pattern]?.includes(type.toLowerCase()));
    expect([type, deliveries.map(({ hookId }) => hookId)]).toEqual([
      type,
      expected.map(([, hook]) => hook.id),
    ]);
  }
});
