/** Many at once: hooks that do not wait for each other, producers whose events still stand in one order. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Arrival, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { accepted, arrive, arriveSigned, newTenant, ownEvent, superofficeBody } from '../support/tenant.ts';

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.dispose());

function idOf({ headers }: Arrival): string {
  return String(headers['webhook-id']);
}

function sequenceOf({ headers }: Arrival): number {
  return Number(headers['posthorn-sequence']);
}

function placeOf({ body }: Arrival): string {
  return (JSON.parse(body.toString()) as { sequence: string }).sequence;
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, at) => at + 1);
}

test('B11: while one hook hangs in its first attempt and others fail, 200 events reach every hook that is well', async () => {
  const EVENTS = 200;
  await using hanging = await startReceiver({ answer: { kind: 'hang' } });
  await using failing = await startReceiver({ answer: { status: 500 } });
  await using dripping = await startReceiver({ answer: { kind: 'drip', everyMs: 1000 } });
  await using first = await startReceiver();
  await using second = await startReceiver();
  const closed = await startReceiver();
  await closed.close();
  const { api } = await newTenant(relay);
  const retry = { scheduleSeconds: [1, 1, 1, 600], timeoutSeconds: 30 };
  const slow = await api.createHook({ url: hanging.url, retry });
  for (const { url } of [failing, dripping, closed]) await api.createHook({ url, retry });
  for (const { url } of [first, second]) await api.createHook({ url, ordering: 'fifo' });

  const head = await api.publish(ownEvent());
  await Promise.all([hanging.waitFor(1), failing.waitFor(1), dripping.waitFor(1)]);
  const ids = [head.id];
  await Promise.all(
    upTo(EVENTS).map(async () => {
      ids.push((await api.publish(ownEvent())).id);
    }),
  );
  for (const well of [first, second]) {
    const arrivals = await well.waitFor(EVENTS + 1, 25_000);
    expect(arrivals.map(sequenceOf)).toEqual(upTo(EVENTS + 1));
    expect(new Set(arrivals.map(idOf))).toEqual(new Set(ids));
  }
  // All of that took no longer than the one attempt that still hangs.
  expect(hanging.arrivals.map(idOf)).toEqual([head.id]);
  expect(await api.delivery(slow.id, head.id)).toMatchObject({ status: 'pending', attempts: 0 });
});

test('C3: whoever produces at once, each hook counts without a gap in the order of the log, one request at a time', async () => {
  const EACH = 30;
  await using all = await startReceiver({ answer: { status: 200, delayMs: 1 } });
  await using some = await startReceiver();
  const { api } = await newTenant(relay);
  await api.createHook({ url: all.url });
  await api.createHook({ url: some.url, events: ['superoffice.*'], ordering: 'fifo' });
  const one = await api.createSource({ provider: 'superoffice', name: 'one' });
  const two = await api.createSource({ provider: 'superoffice', name: 'two', secret: '' });
  const books = await api.createSource({ provider: 'deskera', name: 'books' });
  const ids: string[] = [];
  const produce = async (event: () => Promise<{ id: string }>) => {
    await Promise.all(upTo(EACH).map(async () => ids.push((await event()).id)));
  };
  await Promise.all([
    produce(() => api.publish(ownEvent())),
    produce(async () => accepted(await arriveSigned(one, superofficeBody()))),
    produce(async () => accepted(await arrive(two, superofficeBody()))),
    produce(async () => accepted(await arrive(books, '{"id":1}', {}, '/STOCK_IN'))),
  ]);

  for (const [receiver, count] of [
    [all, 4 * EACH],
    [some, 2 * EACH],
  ] as const) {
    const arrivals = await receiver.waitFor(count, 20_000);
    expect(arrivals.map(sequenceOf)).toEqual(upTo(count));
    const places = arrivals.map(placeOf);
    expect(places).toEqual(places.toSorted());
    expect(new Set(places).size).toBe(count);
    expect(receiver.maxInFlight).toBe(1);
  }
  expect(new Set(all.arrivals.map(idOf))).toEqual(new Set(ids));
  expect(all.arrivals.map(placeOf)).toEqual(upTo(4 * EACH).map((place) => String(place).padStart(20, '0')));
});

test('E1: what comes 50 times at once, with a signature or with a key, is delivered once', async () => {
  await using receiver = await startReceiver();
  const { api } = await newTenant(relay);
  await api.createHook({ url: receiver.url, ordering: 'fifo' });
  const source = await api.createSource({ provider: 'superoffice', name: 'repeating' });
  const [body, event] = [superofficeBody(), ownEvent()];
  const replies = await Promise.all(
    upTo(50).flatMap(() => [arriveSigned(source, body).then(accepted), api.publish(event)]),
  );
  const ids = new Set(replies.map(({ id }) => id));
  expect(ids.size).toBe(2);
  expect(replies.filter(({ duplicate }) => !duplicate)).toHaveLength(2);

  // Behind it in the queue stands nothing but this.
  const last = await api.publish(ownEvent());
  const arrivals = await receiver.waitFor((all) => all.some((arrival) => idOf(arrival) === last.id));
  expect(arrivals).toHaveLength(3);
  expect(new Set(arrivals.map(idOf))).toEqual(new Set([...ids, last.id]));
});
