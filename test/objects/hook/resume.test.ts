/** Resuming in the middle of an outage: one attempt at a time until the first success, then all of it, in order. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Mailbox } from '../../support/mailbox.ts';
import { clock, idsOf, LIVES, openHook, START_MS, storedEvent, storedEvents } from '../../support/objects.ts';
import type { HookUnderTest } from '../../support/objects.ts';

beforeEach(() => clock.start());

const HOUR = 3_600_000;
const HOURLY = { scheduleSeconds: Array<number>(20).fill(3600), jitter: 0, disableAfterSeconds: 7200 };

/** Fails until it is disabled; its retries are due an hour later at the earliest. */
async function disabled(box: Mailbox, concurrency = 6): Promise<HookUnderTest> {
  await box.answerWith({ status: 500 });
  const hook = await openHook(box.url, { concurrency, retry: HOURLY });
  await hook.enqueue(...storedEvents(1, 8));
  while ((await hook.stub.runtime()).state === 'active') {
    clock.set(Math.max(clock.nowMs(), (await hook.alarmAt()) ?? NaN));
    await hook.wake();
  }
  await hook.enqueue(...storedEvents(9, 12));
  return hook;
}

describe.each(LIVES)('$life', ({ halfway }) => {
  test('D5: a disabled hook is probed at once, one at a time, and one success re-opens the flow', async () => {
    const box = new Mailbox();
    const hook = await disabled(box);
    const before = (await box.letters()).length;
    const attemptsBefore = (await hook.delivery(8)).attempts;
    await box.answerWith({ status: 200 }, { kind: 'held' });
    expect(await hook.inside((instance) => instance.enable())).toMatchObject({
      state: 'active',
      consecutiveFailures: 0,
    });
    await halfway(hook);
    expect(await hook.alarmAt()).toBe(clock.nowMs());
    const wake = hook.wake();
    await box.letters(before + 1);
    expect((await hook.stub.runtime()).waiting).toEqual({ reason: 'failing', untilMs: null });
    expect(await box.letters()).toHaveLength(before + 1);
    await box.release();
    await wake;
    await hook.runDue();
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 12, waiting: null });
    const after = (await box.ids()).slice(before);
    expect(new Set(after).size).toBe(12);
    expect(after).toHaveLength(12);
    expect((await hook.delivery(8)).attempts).toBe(attemptsBefore + 1);
  });

  test('what the outage held back goes out in the order of the log', async () => {
    const box = new Mailbox();
    const hook = await disabled(box, 1);
    const before = (await box.letters()).length;
    await box.answerWith({ status: 200 });
    await hook.inside((instance) => instance.enable());
    await halfway(hook);
    await hook.runDue();
    expect((await box.ids()).slice(before)).toEqual(idsOf(storedEvents(1, 12)));
  });

  test('while the receiver still fails, of what was never tried one probe at a time goes out', async () => {
    const box = new Mailbox();
    const hook = await disabled(box);
    const fresh = idsOf(storedEvents(9, 12));
    const tried = async () => (await box.ids()).filter((id) => fresh.includes(id));
    await hook.inside((instance) => instance.enable());
    await hook.runDue();
    expect(await tried()).toHaveLength(1);
    await halfway(hook);
    for (let pauses = 0; pauses < 3; pauses += 1) {
      const before = (await tried()).length;
      const { waiting } = await hook.stub.runtime();
      expect(waiting?.reason).toBe('failing');
      expect(waiting?.untilMs).toBeGreaterThan(clock.nowMs());
      expect(await hook.delivery(12)).toMatchObject({ nextAttemptAtMs: waiting?.untilMs, waiting });
      clock.set(waiting?.untilMs ?? NaN);
      await hook.wake();
      expect((await tried()).length - before).toBeLessThanOrEqual(1);
    }
  });

  test('a hook that a 410 disabled goes on with what met it, then with the rest', async () => {
    const box = new Mailbox();
    await box.answerStatuses(200, 410);
    const hook = await openHook(box.url, { concurrency: 1 });
    await hook.enqueue(...storedEvents(1, 4));
    await hook.runDue();
    await hook.inside((instance) => instance.enable());
    await halfway(hook);
    await hook.runDue();
    expect(await box.ids()).toEqual(idsOf([1, 2, 2, 3, 4].map((seq) => storedEvent(seq))));
  });

  test('a failing hook that is paused and resumed is probed on; a healthy one is not', async () => {
    const failing = new Mailbox();
    await failing.answerWith({ status: 500 });
    const hook = await openHook(failing.url, { ordering: 'none', concurrency: 6, retry: HOURLY });
    await hook.enqueue(...storedEvents(1, 20));
    await hook.runDue();
    await hook.patch({ paused: true });
    await halfway(hook);
    await hook.patch({ paused: false });
    await hook.inside((instance) => instance.enable());
    const before = (await failing.letters()).length;
    await hook.runDue();
    expect((await failing.letters()).length - before).toBeLessThanOrEqual(2);

    const well = new Mailbox();
    const healthy = await openHook(well.url, { ordering: 'none', concurrency: 6, paused: true });
    await healthy.enqueue(...storedEvents(1, 6));
    await well.answerWith({ kind: 'held' });
    await healthy.patch({ paused: false });
    await healthy.inside((instance) => instance.enable());
    const wake = healthy.wake();
    expect(await well.letters(6)).toHaveLength(6);
    await well.answerWith({ status: 200 });
    await well.release();
    await wake;
  });

  test('a retry that was due long after the resume comes with the others, not at its old time', async () => {
    const box = new Mailbox();
    const hook = await disabled(box);
    await box.answerWith({ status: 200 });
    await hook.inside((instance) => instance.enable());
    await halfway(hook);
    await hook.runDue();
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0 });
    expect(clock.nowMs()).toBeLessThan(START_MS + 4 * HOUR);
    // All that is left is to tell the log how the hook stands.
    clock.advance(60_000);
    await hook.runDue();
    expect(await hook.alarmAt()).toBeNull();
  });
});
