/** The objects as they run: what is due starts in the call that made it due, and the alarm is the safety net. */
import { beforeEach, describe, expect, test } from 'vitest';
import { SAFETY_NET_MS } from '../../../src/storage/alarm.ts';
import { Mailbox } from '../../support/mailbox.ts';
import {
  clock,
  type HookUnderTest,
  idsOf,
  LIVES,
  metered,
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

const delivered = (hook: HookUnderTest, count: number) =>
  until(
    () => hook.stub.runtime(),
    (runtime) => runtime.delivered === count,
  );

describe.each(LIVES)('$life', ({ halfway }) => {
  test('an event goes out without the alarm, which finds nothing to do later', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await halfway(hook);
    await eager(hook);
    await hook.enqueue(storedEvent(1));
    expect(await box.ids(1)).toEqual(idsOf([storedEvent(1)]));
    await delivered(hook, 1);
    // Until it was written down the log would have brought it again.
    expect(await hook.alarmAt()).toBeNull();
    await halfway(hook);
    clock.advance(SAFETY_NET_MS);
    await hook.runDue();
    expect(await box.letters()).toHaveLength(1);
    expect(await hook.alarmAt()).toBeNull();
  });

  test('a failure is retried from its own alarm', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500, 200);
    const hook = await openHook(box.url, { retry: { scheduleSeconds: [1, 60] } });
    await eager(hook);
    await hook.enqueue(storedEvent(1));
    await until(
      () => hook.alarmAt(),
      (at) => at === START_MS + 1_000,
    );
    await halfway(hook);
    clock.advance(1_000);
    await hook.runDue();
    expect(await hook.delivery(1)).toMatchObject({ status: 'delivered', attempts: 2 });
  });

  test('what was under way in a process that died goes out again at the safety net', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 200 }, HELD);
    const hook = await openHook(box.url);
    await eager(hook);
    await hook.enqueue(...storedEvents(1, 2, 'a'));
    await box.letters(1);
    await hook.crash();
    await box.release();
    await halfway(hook);
    const at = await hook.alarmAt();
    expect(at).toBeLessThanOrEqual(START_MS + SAFETY_NET_MS);
    clock.set(at ?? NaN);
    await hook.runDue();
    expect(await box.ids()).toEqual(idsOf([1, 1, 2].map((seq) => storedEvent(seq))));
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 2 });
  });
});

test('the alarm sees a wake through that was begun without it', async () => {
  const box = new Mailbox();
  await box.answerWith({ status: 200 }, HELD);
  const hook = await openHook(box.url);
  await eager(hook);
  await hook.enqueue(storedEvent(1));
  await box.letters(1);
  clock.advance(SAFETY_NET_MS);
  let hasEnded = false;
  const alarm = hook.wake().then(() => {
    hasEnded = true;
  });
  await hook.enqueue(storedEvent(2));
  expect(hasEnded).toBe(false);
  await box.release();
  await alarm;
  expect(await box.ids()).toEqual(idsOf(storedEvents(1, 2)));
  expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 2 });
});

test('a stream of events sets no alarm, and writes a row for each', async () => {
  const box = new Mailbox();
  const hook = await openHook(box.url);
  await eager(hook);
  const reading = await metered(hook, async () => {
    for (let seq = 1; seq <= 5; seq += 1) {
      await hook.enqueue(storedEvent(seq));
      await delivered(hook, seq);
    }
  });
  expect(await box.letters()).toHaveLength(5);
  // Beside them that of the hour, and the one that shows that storage works.
  expect(reading.rowsWritten).toBe(5 + 2);
  expect(reading.alarmsSet).toBe(0);
});

test('after a wake that failed the next start is the alarm’s, later', async () => {
  const box = new Mailbox();
  // With a rate limit each delivery is queued first.
  const hook = await openHook(box.url, { rateLimit: { perSecond: 1_000 } });
  await eager(hook);
  await hook.inside((_instance, { storage }) =>
    storage.sql.exec(
      `CREATE TRIGGER broken BEFORE UPDATE ON deliveries BEGIN SELECT raise(ABORT, 'broken'); END`,
    ),
  );
  await hook.enqueue(storedEvent(1));
  await until(
    () => hook.alarmAt(),
    (at) => at !== null && at < START_MS + SAFETY_NET_MS && at > START_MS,
  );
  await hook.enqueue(storedEvent(2));
  await hook.inside((_instance, { storage }) => storage.sql.exec('DROP TRIGGER broken'));
  await hook.runAll();
  expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 2 });
});
