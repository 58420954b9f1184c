/** What a relay has promised holds over kill -9: single moments, one a test. The random ones are in crash-run.test.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workerdsOf } from '../../scripts/relay/orphans.ts';
import { Api, type Hook as HookJson } from '../support/api.ts';
import { type Arrival, type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { arriveSigned, ownEvent, superofficeBody } from '../support/tenant.ts';
import { until } from '../support/until.ts';
import { isVerified } from '../support/verify.ts';

type Hook = HookJson & { readonly url: string };

/** From kill -9 to a delivery by the next start, on a busy machine. */
const RESTART_MS = 20_000;
/** One second between attempts, more of them than any test needs. */
const QUICK_RETRY = { scheduleSeconds: Array<number>(20).fill(1), jitter: 0 };

function apiOf(relay: Relay): Api {
  return new Api(relay.url, relay.adminKey);
}

/** Resolves with the relay's id of the event: it is accepted. */
async function publish(relay: Relay, subject = 'order/1'): Promise<string> {
  return (await apiOf(relay).publish(ownEvent({ subject, data: {} }))).id;
}

/** Where nobody listens, until a receiver is started on that port. */
async function closedReceiver(): Promise<{ readonly url: string; readonly port: number }> {
  await using receiver = await startReceiver();
  return { url: receiver.url, port: receiver.port };
}

function idOf({ headers }: Arrival): string {
  return String(headers['webhook-id']);
}

function attemptOf({ headers }: Arrival): number {
  return Number(headers['posthorn-attempt']);
}

function sequenceOf({ headers }: Arrival): number {
  return Number(headers['posthorn-sequence']);
}

function envelopeOf({ body }: Arrival): { readonly subject: string; readonly sequence: string } {
  return JSON.parse(body.toString()) as { subject: string; sequence: string };
}

describe('kill -9 after the 200', () => {
  test('with the receiver down: the next start delivers, without any request to it', async () => {
    await using relay = await startRelay();
    const { url, port } = await closedReceiver();
    const hook = await apiOf(relay).createHook({ url, retry: QUICK_RETRY });
    const source = await apiOf(relay).createSource({ provider: 'superoffice', name: 'crash' });
    const reply = await arriveSigned(source, superofficeBody());
    await relay.kill9();
    expect(reply.status).toBe(200);

    await using receiver = await startReceiver({ port });
    await relay.restart();
    const [arrival] = await receiver.waitFor(1, RESTART_MS);
    expect(arrival && idOf(arrival)).toBe((reply.body as { id: string }).id);
    expect(arrival && isVerified(arrival, hook.secret)).toBe(true);
  });

  test('with an attempt hanging: it is made again, with the same id, body and number', async () => {
    await using receiver = await startReceiver({ answer: { kind: 'hang' } });
    await using relay = await startRelay();
    await apiOf(relay).createHook({ url: receiver.url, retry: QUICK_RETRY });
    const id = await publish(relay);
    await receiver.waitFor(1);
    await relay.kill9();
    receiver.answerWith({ status: 200 });
    await relay.restart();
    const arrivals = await receiver.waitFor(2, RESTART_MS);
    expect(arrivals.map(idOf)).toEqual([id, id]);
    expect(arrivals.map(attemptOf)).toEqual([1, 1]);
    expect(arrivals[0] && arrivals[1]?.body.equals(arrivals[0].body)).toBe(true);
  });

  test('of many events at once: each reaches each hook, however far the fan-out had come', async () => {
    await using receiver = await startReceiver();
    await using relay = await startRelay();
    const paths = ['/0', '/1', '/2'];
    for (const path of paths) await apiOf(relay).createHook({ url: new URL(path, receiver.url).href });
    const subjects = Array.from({ length: 60 }, (_, index) => `order/${index}`);
    const ids = await Promise.all(subjects.map((subject) => publish(relay, subject)));
    await relay.kill9();
    await relay.restart();
    const reached = (path: string) =>
      new Set(receiver.arrivals.filter((arrival) => arrival.path === path).map(idOf));
    await receiver.waitFor(() => paths.every((path) => reached(path).size >= ids.length), RESTART_MS);
    for (const path of paths) expect(reached(path)).toEqual(new Set(ids));
  });
});

test('kill -9 between the answer of the receiver and its record: sent again, and what follows only then', async () => {
  await using receiver = await startReceiver();
  await using relay = await startRelay();
  const hook = await apiOf(relay).createHook({ url: receiver.url, ordering: 'fifo', paused: true });
  for (let events = 0; events < 3; events += 1) await publish(relay);
  const { promise: killed, resolve } = Promise.withResolvers<undefined>();
  receiver.answerWith(async ({ number }) => {
    if (number !== 2) return { status: 200 };
    // Stopped, it does not read the answer; killed, it never will.
    process.kill(-relay.pid, 'SIGSTOP');
    await sleep(50);
    setTimeout(() => void relay.kill9().then(() => resolve(undefined)), 50);
    return { status: 200 };
  });
  await apiOf(relay).expect(200, 'POST', `/v1/hooks/${hook.id}/resume`);
  await killed;
  await relay.restart();
  const [, cut, again] = await receiver.waitFor(4, RESTART_MS);
  expect(receiver.arrivals.map(sequenceOf)).toEqual([1, 2, 2, 3]);
  expect(cut && idOf(cut)).toBe(again && idOf(again));
  expect(cut && again?.body.equals(cut.body)).toBe(true);
  expect(receiver.arrivals.filter((arrival) => !isVerified(arrival, hook.secret))).toEqual([]);
  const { stats } = await until(
    () => apiOf(relay).hook(hook.id),
    ({ stats: { pending } }) => pending === 0,
  );
  expect(stats).toMatchObject({ delivered: 3, dead: 0 });
});

describe('a retry', () => {
  test('that fell due while the relay was down goes out after the start, without any request to it', async () => {
    await using receiver = await startReceiver({ answer: { status: 500 } });
    await using relay = await startRelay();
    const hook = await apiOf(relay).createHook({ url: receiver.url, retry: QUICK_RETRY });
    const id = await publish(relay);
    const retryAtMs = await nextAttemptMs(relay, hook.id);
    await relay.kill9();
    receiver.answerWith({ status: 200 });
    await sleep(retryAtMs - Date.now() + 200);
    await relay.restart();
    const arrivals = await receiver.waitFor(2, RESTART_MS);
    expect(arrivals.map(idOf)).toEqual([id, id]);
    expect(arrivals.map(attemptOf)).toEqual([1, 2]);
  });

  test('that falls due after the start waits for its time, and needs no request either', async () => {
    await using receiver = await startReceiver({ answer: { status: 500 } });
    await using relay = await startRelay();
    const retry = { scheduleSeconds: [4], jitter: 0 };
    const hook = await apiOf(relay).createHook({ url: receiver.url, retry });
    await publish(relay);
    const retryAtMs = await nextAttemptMs(relay, hook.id);
    await relay.kill9();
    receiver.answerWith({ status: 200 });
    await relay.restart();
    const [, again] = await receiver.waitFor(2, RESTART_MS);
    expect(again?.at).toBeGreaterThanOrEqual(retryAtMs);
  });

  async function nextAttemptMs(relay: Relay, hookId: number): Promise<number> {
    const [delivery] = await until(
      () => apiOf(relay).deliveries(hookId),
      ([only]) => only?.attempts === 1,
    );
    return Date.parse(delivery?.nextAttemptAt ?? '');
  }
});

test('over two kills -9 a failing head and all behind it arrive in order, as fifo and as subject say', async () => {
  const subjects = ['order/1', 'order/2', 'order/3'];
  const events = 150;
  await using fifo = await startReceiver();
  await using subject = await startReceiver();
  await using relay = await startRelay();
  const members = { paused: true, retry: QUICK_RETRY };
  const hooks = [
    await apiOf(relay).createHook({ ...members, url: fifo.url, ordering: 'fifo' }),
    await apiOf(relay).createHook({ ...members, url: subject.url, ordering: 'subject' }),
  ];
  for (let event = 0; event < events; event += 1) await publish(relay, subjects[event % subjects.length]);

  const killed = new Set<number>();
  let restarted = Promise.resolve();
  const answering = (killAt: number, failAt: readonly number[]) => async (arrival: Arrival) => {
    const sequence = sequenceOf(arrival);
    if (sequence === killAt && !killed.has(killAt)) {
      killed.add(killAt);
      await restarted;
      restarted = relay.kill9().then(() => relay.restart());
    }
    return { status: failAt.includes(sequence) && attemptOf(arrival) === 1 ? 500 : 200 };
  };
  fifo.answerWith(answering(40, [10, 60]));
  subject.answerWith(answering(90, [20, 100]));
  for (const { id } of hooks) await apiOf(relay).expect(200, 'POST', `/v1/hooks/${id}/resume`);
  const isWhole = (arrivals: readonly Arrival[]) => new Set(arrivals.map(sequenceOf)).size === events;
  for (const receiver of [fifo, subject]) await receiver.waitFor(isWhole, 2 * RESTART_MS);
  await restarted;

  expect(killed).toEqual(new Set([40, 90]));
  const lanes = subjects.map((lane) =>
    subject.arrivals.filter((arrival) => envelopeOf(arrival).subject === lane),
  );
  for (const arrivals of [fifo.arrivals, ...lanes]) {
    const sequences = arrivals.map(sequenceOf);
    // None after what follows it, be it a retry or sent again.
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
    const places = arrivals.map((arrival) => envelopeOf(arrival).sequence);
    expect(places).toEqual(places.toSorted());
  }
});

test.each([0, 3])(
  'kill -9 after %i of 12 registrations were answered: each is wholly there or absent',
  async (answered) => {
    await using receiver = await startReceiver();
    await using relay = await startRelay();
    const api = apiOf(relay);
    // The tenant is there: what is cut is the making of hooks alone.
    await api.createHook({ url: `${receiver.url}first` });
    const made: Hook[] = [];
    const { promise: enough, resolve } = Promise.withResolvers<undefined>();
    const registering = Array.from({ length: 12 }, async (_, number) => {
      made.push((await api.createHook({ url: `${receiver.url}${number}` })) as Hook);
      if (made.length === answered) resolve(undefined);
    });
    const ended = Promise.allSettled(registering);
    await (answered === 0 ? sleep(5) : enough);
    await relay.kill9();
    await ended;
    await relay.restart();

    const hooks = await api.pages<Hook>('/v1/hooks?order=asc');
    const urls = hooks.map(({ url }) => url);
    expect(new Set(urls).size).toBe(urls.length);
    // A row of the list has more members.
    for (const { secret: _secret, ...hook } of made)
      expect(hooks.find(({ id: listed }) => listed === hook.id)).toMatchObject(hook);
    for (const hook of hooks) expect(hook).toMatchObject(await api.hook(hook.id));

    const id = await publish(relay);
    const arrivals = await receiver.waitFor((all) => all.length >= hooks.length, RESTART_MS);
    // Hooks that are absent would come after those that are there.
    const last = (await api.createHook({ url: `${receiver.url}last` })) as Hook;
    const lastId = await publish(relay);
    await receiver.waitFor(2 * hooks.length + 1, RESTART_MS);
    const seen = arrivals.map((arrival) => `${new URL(arrival.path, receiver.url).href} ${idOf(arrival)}`);
    const expected = [
      ...urls.flatMap((url) => [`${url} ${id}`, `${url} ${lastId}`]),
      `${last.url} ${lastId}`,
    ];
    expect(seen.toSorted()).toEqual(expected.toSorted());
    for (const { id: hookId, url } of hooks) {
      const { secret } = (await api.expect(200, 'GET', `/v1/hooks/${hookId}/secret`)) as { secret: string };
      const own = arrivals.filter(({ path }) => new URL(path, receiver.url).href === url);
      expect(own.filter((arrival) => !isVerified(arrival, secret))).toEqual([]);
    }
  },
);

test('kill -9 of the host alone: what its orphaned workerd accepts is delivered, once, by the next start', async () => {
  await using relay = await startRelay();
  const { url, port } = await closedReceiver();
  const hook = await apiOf(relay).createHook({ url, retry: QUICK_RETRY });
  const orphans = workerdsOf(relay.dataDir);
  await relay.killHost9();
  const id = await publish(relay);
  await relay.restart();
  expect(workerdsOf(relay.dataDir).filter((pid) => orphans.includes(pid))).toEqual([]);
  await using receiver = await startReceiver({ port });
  await receiver.waitFor(1, RESTART_MS);
  await until(
    () => apiOf(relay).hook(hook.id),
    ({ stats }) => stats.pending === 0,
  );
  expect(receiver.arrivals.map(idOf)).toEqual([id]);
});

describe('kill -9 after hooks have changed', () => {
  const paths = { control: '/control', paused: '/paused', gone: '/gone', deleted: '/deleted' };
  const ids = new Map<string, number>();
  let receiver: Receiver;
  let relay: Relay;
  let before: string;
  let after: string;

  const arrivedAt = (path: string) => receiver.arrivals.filter((arrival) => arrival.path === path).map(idOf);
  const idAt = (path: string) => ids.get(path) ?? 0;

  beforeAll(async () => {
    const status: Readonly<Record<string, number>> = { [paths.gone]: 410, [paths.deleted]: 500 };
    receiver = await startReceiver({ answer: ({ path }) => ({ status: status[path] ?? 200 }) });
    relay = await startRelay();
    const api = apiOf(relay);
    for (const path of Object.values(paths)) {
      const url = new URL(path, receiver.url).href;
      ids.set(path, (await api.createHook({ url, retry: { scheduleSeconds: [30] } })).id);
    }
    before = await publish(relay);
    await receiver.waitFor(ids.size);
    await until(
      () => Promise.all([paths.gone, paths.deleted].map((path) => api.deliveries(idAt(path)))),
      (all) => all.every(([only]) => only?.attempts === 1),
    );
    await api.expect(204, 'DELETE', `/v1/hooks/${idAt(paths.deleted)}`);
    await api.expect(200, 'POST', `/v1/hooks/${idAt(paths.paused)}/pause`);
    await relay.kill9();
    await relay.restart();
    after = await publish(relay);
    await receiver.waitFor(() => arrivedAt(paths.control).includes(after), RESTART_MS);
  });

  afterAll(async () => {
    await relay.dispose();
    await receiver.close();
  });

  test('one that is gone by a 410 stays disabled and holds what it has', async () => {
    const api = apiOf(relay);
    expect(await api.hook(idAt(paths.gone))).toMatchObject({ state: 'disabled', stateReason: 'gone' });
    const deliveries = await until(
      () => api.deliveries(idAt(paths.gone)),
      (all) => all.length === 2,
    );
    expect(deliveries).toMatchObject([
      { eventId: after, status: 'held', attempts: 0 },
      { eventId: before, status: 'held', attempts: 1 },
    ]);
    expect(arrivedAt(paths.gone)).toEqual([before]);
  });

  test('a deleted one stays deleted and its queue cancelled', async () => {
    const api = apiOf(relay);
    const id = idAt(paths.deleted);
    expect((await api.request('GET', `/v1/hooks/${id}`)).status).toBe(404);
    expect(await api.explain(before, id)).toMatchObject({ status: 'cancelled', reason: 'deleted' });
    expect(await api.explain(after, id)).toMatchObject({ status: 'skipped', reason: 'deleted' });
    expect(arrivedAt(paths.deleted)).toEqual([before]);
  });

  test('a paused one stays paused and holds what came, until it is resumed', async () => {
    const api = apiOf(relay);
    expect(await api.hook(idAt(paths.paused))).toMatchObject({ state: 'paused', stateReason: 'paused' });
    const deliveries = await until(
      () => api.deliveries(idAt(paths.paused)),
      (all) => all.length === 2,
    );
    expect(deliveries[0]).toMatchObject({ eventId: after, status: 'held', reason: 'paused', attempts: 0 });
    expect(arrivedAt(paths.paused)).toEqual([before]);
    await api.expect(200, 'POST', `/v1/hooks/${idAt(paths.paused)}/resume`);
    await receiver.waitFor(() => arrivedAt(paths.paused).includes(after));
    expect(arrivedAt(paths.paused)).toEqual([before, after]);
  });
});
