import { beforeEach, describe, expect, test } from 'vitest';
import { Mailbox } from '../../support/mailbox.ts';
import { clock, idsOf, LIVES, openHook, START_MS, storedEvent, storedEvents } from '../../support/objects.ts';

beforeEach(() => clock.start());

const SECOND = 1000;
const RETRY = { scheduleSeconds: [5, 5], jitter: 0 };
const dateAt = (ms: number) => new Date(ms).toUTCString();
const busy = (retryAfter: string, status = 429) => ({ status, headers: { 'retry-after': retryAfter } });

describe.each(LIVES)('B4, $life', ({ halfway }) => {
  test.each([
    ['seconds', '60', 429, 60],
    ['seconds, 503', '60', 503, 60],
    ['a date', dateAt(START_MS + 60 * SECOND), 429, 60],
    ['a month', '2592000', 429, 86_400],
    ['less than the schedule', '2', 429, 2],
    ['zero', '0', 429, 0],
    ['negative', '-60', 429, 0],
    ['the past', dateAt(START_MS - 60 * SECOND), 503, 0],
    ['garbage', 'soon', 503, 0],
    ['on a 500', '60', 500, 0],
    ['on a 301', '60', 301, 0],
  ])(
    '%s holds the whole hook as long as it says, and never shortens the schedule',
    async (_name, text, status, holdSeconds) => {
      const box = new Mailbox();
      await box.answerWith({ status: 200 }, busy(text, status));
      const hook = await openHook(box.url, { retry: RETRY });
      const [first, second] = storedEvents(1, 2);
      if (first === undefined || second === undefined) throw new Error('no events');
      await hook.enqueue(first);
      await hook.wake();
      await hook.enqueue(second);
      await halfway(hook);
      const { waiting } = await hook.stub.runtime();
      const holdMs = START_MS + holdSeconds * SECOND;
      expect(waiting).toEqual(holdSeconds === 0 ? null : { reason: 'retry-after', untilMs: holdMs });
      expect(await hook.alarmAt()).toBe(holdMs);
      const retryAtMs = START_MS + Math.max(5, holdSeconds) * SECOND;
      expect((await hook.delivery(1)).nextAttemptAtMs).toBe(retryAtMs);
      if (holdSeconds > 0) {
        clock.set(holdMs - 1);
        await hook.wake();
        expect(await box.letters()).toHaveLength(1);
      }
      clock.set(holdMs);
      await hook.runDue();
      expect(await box.ids()).toEqual(idsOf(holdSeconds > 5 ? [first, first, second] : [first, second]));
      clock.set(retryAtMs);
      await hook.runDue();
      expect(await box.letters()).toHaveLength(3);
    },
  );

  test('a success of another attempt under way does not lift it, nor does one that asks for less', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 200 }, { kind: 'held' }, busy('5', 503), busy('60'));
    const hook = await openHook(box.url, { concurrency: 3, retry: RETRY });
    await hook.enqueue(...storedEvents(1, 3));
    const wake = hook.wake();
    await box.letters(3);
    await expect.poll(async () => (await hook.stub.runtime()).waiting?.untilMs).toBe(START_MS + 60 * SECOND);
    await box.release();
    await wake;
    await halfway(hook);
    expect(await hook.stub.runtime()).toMatchObject({
      delivered: 1,
      waiting: { untilMs: START_MS + 60 * SECOND },
    });
    expect(await hook.alarmAt()).toBe(START_MS + 60 * SECOND);
  });

  test('a retry by hand goes out all the same, alone', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 200 }, busy('600'));
    const hook = await openHook(box.url, { retry: RETRY });
    const events = storedEvents(1, 2);
    await hook.enqueue(...events);
    await hook.wake();
    await halfway(hook);
    expect(await hook.inside((instance) => instance.retry(storedEvent(1)))).toBe('retried');
    expect(await hook.alarmAt()).toBeLessThanOrEqual(clock.nowMs());
    await hook.runDue();
    expect(await box.ids()).toEqual(idsOf([storedEvent(1), storedEvent(1)]));
    // Nothing goes out until the hold ends; before that the log is told how the hook stands.
    expect([50, 600].map((seconds) => START_MS + seconds * SECOND)).toContain(await hook.alarmAt());
  });
});

test('what the former URL asked for does not hold the new one', async () => {
  const [before, after] = [new Mailbox(), new Mailbox()];
  await before.answerWith({ kind: 'held', status: 429 });
  const hook = await openHook(before.url, { retry: RETRY });
  await hook.enqueue(...storedEvents(1, 2));
  const wake = hook.wake();
  await before.letters(1);
  await hook.patch({ url: after.url });
  await before.release();
  await wake;
  expect(await after.ids()).toEqual(idsOf(storedEvents(1, 2)));
});
