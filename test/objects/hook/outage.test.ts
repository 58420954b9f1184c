import { beforeEach, describe, expect, test } from 'vitest';
import { Mailbox } from '../../support/mailbox.ts';
import { clock, idsOf, LIVES, openHook, START_MS, storedEvent, storedEvents } from '../../support/objects.ts';

beforeEach(() => clock.start());

const SECOND = 1000;
const HOUR = 3_600_000;

describe.each(LIVES)('$life', ({ halfway }) => {
  test.each([1, 6])(
    'B15: a night without the receiver, concurrency %d: one probe at a time, then all of it in order, none twice',
    async (concurrency) => {
      const box = new Mailbox();
      await box.answerWith({ status: 500 });
      const hook = await openHook(box.url, { concurrency, retry: { jitter: 0 } });
      const events = Array.from({ length: 1000 }, (_, at) =>
        storedEvent(at + 1, { subject: `s${at % 250}` }),
      );
      await hook.enqueue(...events);
      await hook.wake();
      const beforeProbes = (await box.letters()).length;
      expect(beforeProbes).toBeLessThanOrEqual(4 + concurrency);
      while (clock.nowMs() < START_MS + HOUR) {
        clock.set((await hook.alarmAt()) ?? NaN);
        const before = (await box.letters()).length;
        await hook.wake();
        if ((await box.letters()).length === before)
          expect(await hook.alarmAt()).toBeGreaterThan(clock.nowMs());
      }
      await halfway(hook);
      const during = await box.ids();
      expect(during.length).toBeGreaterThan(60);
      const stepsBefore = (await hook.delivery(1)).attempts;
      await box.answerWith({ status: 200 });
      clock.set((await hook.alarmAt()) ?? NaN);
      await hook.runDue();
      const after = (await box.ids()).slice(during.length);
      expect(await hook.stub.runtime()).toMatchObject({
        pending: 0,
        delivered: 1000,
        consecutiveFailures: 0,
      });
      expect(new Set(after).size).toBe(1000);
      expect(after).toHaveLength(1000);
      for (let subject = 0; subject < 250; subject += 1) {
        const own = idsOf(events.filter((_, at) => at % 250 === subject));
        expect(after.filter((id) => own.includes(id))).toEqual(own);
      }
      // But for the probe that found the receiver well, all in the order of the log.
      if (concurrency === 1) expect(after.slice(1)).toEqual(idsOf(events).filter((id) => id !== after[0]));
      expect((await hook.delivery(1)).attempts).toBe(stepsBefore + 1);
    },
    60_000,
  );

  test('one subject that always fails does not hide that the receiver takes the others', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 500 });
    const hook = await openHook(box.url, {
      retry: { scheduleSeconds: Array<number>(20).fill(20), jitter: 0 },
    });
    await hook.enqueue(storedEvent(1, { subject: 'poison' }));
    while ((await hook.stub.runtime()).consecutiveFailures < 12) {
      clock.set((await hook.alarmAt()) ?? NaN);
      await hook.wake();
    }
    await hook.enqueue(storedEvent(2, { subject: 'good' }));
    await halfway(hook);
    const sinceMs = clock.nowMs();
    while (!(await box.ids()).includes(storedEvent(2).id)) {
      clock.set((await hook.alarmAt()) ?? NaN);
      expect(clock.nowMs() - sinceMs).toBeLessThanOrEqual(60 * SECOND);
      await hook.wake();
    }
    expect(await hook.delivery(1)).toMatchObject({ status: 'pending' });
  });

  test('a failing hook of concurrency 6 has one attempt in flight; by hand a second one goes', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 500 });
    const hook = await openHook(box.url, { concurrency: 6, retry: { scheduleSeconds: [30], jitter: 0 } });
    await hook.enqueue(...storedEvents(1, 20));
    await hook.wake();
    await halfway(hook);
    await box.answerWith({ kind: 'held' });
    clock.advance(30 * SECOND);
    const before = (await box.letters()).length;
    const wake = hook.wake();
    await box.letters(before + 1);
    await hook.enqueue(...storedEvents(21, 22));
    expect(await box.letters()).toHaveLength(before + 1);
    await hook.inside((instance) => instance.retry(storedEvent(22)));
    expect((await box.ids(before + 2)).at(-1)).toBe(storedEvent(22).id);
    await box.answerWith({ status: 200 });
    await box.release();
    await wake;
  });

  test('D1: five days of failures of several events disable; the queue is held; resume starts over', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 500 });
    const hook = await openHook(box.url, {
      retry: { scheduleSeconds: Array<number>(20).fill(43_200), jitter: 0, disableAfterSeconds: 432_000 },
    });
    await hook.enqueue(...storedEvents(1, 2));
    await hook.runDue();
    while ((await hook.stub.runtime()).state === 'active') {
      const at = await hook.alarmAt();
      expect(at).not.toBeNull();
      clock.set(at ?? NaN);
      await hook.wake();
      if (clock.nowMs() === START_MS + 86_400_000) await halfway(hook);
    }
    expect(clock.nowMs() - START_MS).toBeGreaterThanOrEqual(432_000 * SECOND);
    await hook.enqueue(storedEvent(3));
    await halfway(hook);
    expect(await hook.stub.runtime()).toMatchObject({
      state: 'disabled',
      stateReason: 'disabled',
      pending: 3,
    });
    expect(await hook.delivery(3)).toMatchObject({ status: 'held', reason: 'disabled' });
    const before = (await box.letters()).length;
    clock.advance(86_400_000);
    await hook.wake();
    expect(await box.letters()).toHaveLength(before);
    await box.answerWith({ status: 200 });
    expect(await hook.inside((instance) => instance.enable())).toMatchObject({
      state: 'active',
      consecutiveFailures: 0,
    });
    await hook.runAll();
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 3 });
  });
});
