/** What comes in while nothing is in its way: attempted first, written once. */
import { beforeEach, expect, test } from 'vitest';
import type { StoredEvent } from '../../../src/core/stored-event.ts';
import { SAFETY_NET_MS } from '../../../src/storage/alarm.ts';
import { Mailbox } from '../../support/mailbox.ts';
import {
  clock,
  type HookUnderTest,
  idsOf,
  openHook,
  START_MS,
  storedEvent,
  storedEvents,
} from '../../support/objects.ts';
import { until } from '../../support/until.ts';

beforeEach(() => clock.start());

const HELD = { kind: 'held' } as const;

const eager = (hook: HookUnderTest) =>
  hook.inside((instance) => {
    Object.assign(instance, { isEager: true });
  });

async function eagerHook(box: Mailbox, config: Parameters<typeof openHook>[1] = {}): Promise<HookUnderTest> {
  const hook = await openHook(box.url, config);
  await eager(hook);
  return hook;
}

const delivered = (hook: HookUnderTest, count: number) =>
  until(
    () => hook.stub.runtime(),
    (runtime) => runtime.delivered === count && runtime.pending === 0,
  );

/** Rows of deliveries, by place; who asks otherwise makes all of them lie there. */
const rows = (hook: HookUnderTest) =>
  hook.inside((_instance, { storage }) =>
    storage.sql
      .exec<{ row: string }>(
        `SELECT seq || ' ' || sequence || ' ' || state || ' ' || attempts || iif(raw IS NULL, '', ' payload') AS row
         FROM deliveries ORDER BY seq`,
      )
      .toArray()
      .map(({ row }) => row),
  );

/** Hands over, and does not wait for the answer. */
const handOver = (hook: HookUnderTest, ...events: StoredEvent[]) =>
  hook.inside((instance) => {
    void instance.enqueue(events).catch(() => undefined);
  });

test('is written when it has arrived, without its payload, and the log is answered then', async () => {
  const box = new Mailbox();
  const hook = await eagerHook(box);
  await hook.enqueue(...storedEvents(1, 3, 'a'));
  expect(await rows(hook)).toEqual(['1 1 delivered 1', '2 2 delivered 1', '3 3 delivered 1']);
  expect(await box.ids()).toEqual(idsOf(storedEvents(1, 3)));
  expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 3, calls: 3 });
});

test('what the receiver refuses is queued as if it had come in so, and what comes after it', async () => {
  const box = new Mailbox();
  await box.answerStatuses(500);
  const hook = await eagerHook(box, { ordering: 'fifo' });
  await hook.enqueue(...storedEvents(1, 2));
  expect(await rows(hook)).toEqual(['1 1 retrying 1 payload', '2 2 ready 0 payload']);
});

test('of a receiver that takes its time nobody waits: it is queued, and goes on', async () => {
  const box = new Mailbox();
  await box.answerWith({ status: 200 }, HELD);
  const hook = await eagerHook(box);
  await hook.enqueue(...storedEvents(1, 2, 'a'));
  expect(await rows(hook)).toEqual(['1 1 ready 0 payload', '2 2 ready 0 payload']);
  await box.release();
  await delivered(hook, 2);
  expect(await box.ids()).toEqual(idsOf(storedEvents(1, 2)));
});

test('rows have no gap: one that has arrived is written after those before it', async () => {
  const box = new Mailbox();
  await box.answerWith({ status: 200 }, HELD);
  const hook = await eagerHook(box, { ordering: 'none', concurrency: 2 });
  await handOver(hook, ...storedEvents(1, 2));
  // The second has been answered, or waits as the first does; neither is alone on disk.
  await box.letters(1);
  expect((await rows(hook)).filter((row) => row.startsWith('2 '))).toEqual([]);
  await box.release();
  await delivered(hook, 2);
});

test('a process that dies over it has nothing; handed over again it has the same number and id', async () => {
  const box = new Mailbox();
  await box.answerWith({ status: 200 }, HELD);
  const hook = await eagerHook(box);
  await handOver(hook, ...storedEvents(1, 2, 'a'));
  await box.letters(1);
  await hook.crash();
  await box.release();
  expect(await rows(hook)).toEqual([]);
  await eager(hook);
  await hook.enqueue(...storedEvents(1, 2, 'a'));
  const letters = await box.letters();
  expect(letters.map(({ headers }) => `${headers['webhook-id']} ${headers['posthorn-sequence']}`)).toEqual(
    [1, 1, 2].map((seq) => `${storedEvent(seq).id} ${seq}`),
  );
  expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 2 });
});

test('whoever asks meanwhile finds it queued; paused, it stays so', async () => {
  const box = new Mailbox();
  await box.answerWith({ status: 200 }, HELD);
  const hook = await eagerHook(box);
  await handOver(hook, ...storedEvents(1, 2, 'a'));
  await box.letters(1);
  expect(await hook.delivery(2)).toMatchObject({ status: 'pending', sequence: 2 });
  await hook.patch({ paused: true });
  await box.release();
  expect(await rows(hook)).toHaveLength(2);
  expect(await box.letters()).toHaveLength(1);
  expect(await hook.delivery(2)).toMatchObject({ status: 'held' });
});

test('erased meanwhile, the call fails, also where the object has been configured anew', async () => {
  const box = new Mailbox();
  await box.answerWith({ status: 200 }, HELD);
  const hook = await eagerHook(box);
  const told = hook.inside(async (instance) => {
    const taken = instance.enqueue(storedEvents(1, 2, 'a'));
    await instance.erase();
    instance.configure({ tenant: 'default', incarnation: 'test', jurisdiction: null }, hook.registration);
    return taken.then(
      () => 'taken',
      (error: unknown) => String(error),
    );
  });
  expect(await told).toContain('erased meanwhile');
  await box.release();
  expect(await rows(hook)).toEqual([]);
});

test('what is queued in a wake that began without an alarm has one, should the process end', async () => {
  const box = new Mailbox();
  await box.answerWith({ status: 200 }, { status: 200 }, HELD);
  const hook = await eagerHook(box);
  // What comes with an event that was expunged is queued first.
  await hook.stub.expunge(3);
  await hook.inside(async (instance) => {
    await instance.enqueue([storedEvent(1)]);
    void instance.enqueue(storedEvents(2, 3)).catch(() => undefined);
  });
  await box.letters(2);
  expect(await hook.alarmAt()).toBeLessThanOrEqual(START_MS + SAFETY_NET_MS);
  await hook.crash();
  await box.release();
  clock.advance(SAFETY_NET_MS);
  await hook.runDue();
  expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 2 });
});
