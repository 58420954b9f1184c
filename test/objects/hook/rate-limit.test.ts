/** `rateLimit`: what exceeds it waits, in order, whatever becomes of the object; and the hook says until when. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Mailbox } from '../../support/mailbox.ts';
import {
  clock,
  idsOf,
  LIVES,
  metered,
  openHook,
  START_MS,
  storedEvent,
  storedEvents,
  type HookUnderTest,
} from '../../support/objects.ts';

beforeEach(() => clock.start());

const RETRY = { scheduleSeconds: [60], jitter: 0 };

/** Runs the hook until it has nothing to do, and says when each attempt went out. */
async function starts(hook: HookUnderTest, box: Mailbox, each?: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (;;) {
    const at = await hook.alarmAt();
    if (at === null) return times;
    clock.set(Math.max(at, clock.nowMs()));
    await hook.wake();
    const count = (await box.letters()).length;
    while (times.length < count) times.push(clock.nowMs());
    await each?.();
  }
}

function expectLimited(times: readonly number[], perSecond: number): void {
  times.forEach((startMs, at) => {
    const next = times[at + perSecond];
    if (next !== undefined) expect(next - startMs).toBeGreaterThanOrEqual(1000);
  });
}

describe.each(LIVES)('$life', ({ halfway }) => {
  test.each([1, 5, 10])('%d a second: no second has more, and all go out in order', async (perSecond) => {
    const box = new Mailbox();
    const hook = await openHook(box.url, { rateLimit: { perSecond } });
    await hook.enqueue(...storedEvents(1, 4 * perSecond));
    const times = await starts(hook, box, () => halfway(hook));
    expect(await box.ids()).toEqual(idsOf(storedEvents(1, 4 * perSecond)));
    expectLimited(times, perSecond);
    expect((times.at(-1) ?? 0) - START_MS).toBeLessThan(9000);
  });

  test('B8: what waits for it says so, and goes out at the time it names', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url, { rateLimit: { perSecond: 2 } });
    clock.advance(5000);
    await hook.enqueue(...storedEvents(1, 2));
    await hook.runDue();
    await halfway(hook);
    const { waiting } = await hook.stub.runtime();
    expect(waiting?.reason).toBe('rate-limit');
    expect(await hook.delivery(2)).toMatchObject({ status: 'pending', nextAttemptAtMs: waiting?.untilMs });
    expect(await hook.alarmAt()).toBeLessThanOrEqual(waiting?.untilMs ?? 0);
    clock.set((waiting?.untilMs ?? 0) - 1);
    await hook.wake();
    expect(await box.letters()).toHaveLength(1);
    clock.set(waiting?.untilMs ?? 0);
    await hook.runDue();
    expect(await box.letters()).toHaveLength(2);
    expect((await hook.stub.runtime()).waiting).toBeNull();
  });

  test('a retry by hand goes first, but no faster; a test event waits for nothing and takes nothing', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500);
    const hook = await openHook(box.url, { rateLimit: { perSecond: 1 }, retry: RETRY });
    clock.advance(5000);
    await hook.enqueue(...storedEvents(1, 3));
    await hook.runDue();
    await hook.inside((instance) => instance.test());
    await hook.inside((instance) => instance.retry(storedEvent(1)));
    await halfway(hook);
    expect(await box.letters()).toHaveLength(2);
    await hook.wake();
    expect(await box.letters()).toHaveLength(2);
    const times = await starts(hook, box);
    expect((await box.ids()).slice(2)).toEqual(idsOf([1, 2, 3].map((seq) => storedEvent(seq))));
    expectLimited(times.slice(2), 1);
  });

  test('a limit set, changed or taken away counts from the answer on', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await hook.patch({ rateLimit: { perSecond: 1 } });
    await hook.enqueue(...storedEvents(1, 4));
    await halfway(hook);
    await hook.runDue();
    expect((await box.letters()).length).toBeLessThanOrEqual(1);
    await hook.patch({ rateLimit: null });
    await hook.runDue();
    expect(await box.letters()).toHaveLength(4);
    // What is left is to tell the log that nothing waits any more.
    clock.advance(60_000);
    await hook.runDue();
    expect(await hook.alarmAt()).toBeNull();
  });
});

test('kill -9 with attempts in flight: after it the second is kept all the same', async () => {
  const box = new Mailbox();
  const hook = await openHook(box.url, { rateLimit: { perSecond: 100 }, concurrency: 6 });
  clock.advance(5000);
  await box.answerWith({ kind: 'held' });
  await hook.enqueue(...storedEvents(1, 20));
  const wake = hook.wake().catch(() => false);
  await box.letters(5);
  await hook.crash();
  await wake;
  await box.release();
  const before = (await box.letters()).length;
  await hook.wake();
  expect(await box.letters()).toHaveLength(before);
  expect(await hook.alarmAt()).toBeGreaterThan(clock.nowMs());
});

test('an event of a limited hook writes no more rows than any other', async () => {
  const readings = [];
  for (const rateLimit of [null, { perSecond: 1000 }]) {
    const box = new Mailbox();
    const hook = await openHook(box.url, { rateLimit });
    clock.advance(5000);
    readings.push(
      await metered(hook, async () => {
        await hook.enqueue(storedEvent(1));
        await hook.wake();
      }),
    );
    expect(await box.letters()).toHaveLength(1);
  }
  const [free, limited] = readings;
  expect(limited?.rowsWritten).toBe(free?.rowsWritten);
  expect(limited?.alarmsSet).toBe(free?.alarmsSet);
});
