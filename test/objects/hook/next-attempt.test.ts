/** B8: what a delivery says of its next attempt is when it goes out. */
import { beforeEach, expect, test } from 'vitest';
import { Mailbox } from '../../support/mailbox.ts';
import { clock, openHook, START_MS, storedEvents } from '../../support/objects.ts';

const SECOND = 1000;

beforeEach(() => clock.start());

const RETRY = { scheduleSeconds: [100, 100, 100, 100, 100, 100], jitter: 0 };

test('B8: an untried delivery of a failing hook names the time of the next probe, and goes out then', async () => {
  const box = new Mailbox();
  await box.answerWith({ status: 500 });
  const hook = await openHook(box.url, { ordering: 'none', retry: RETRY });
  await hook.enqueue(...storedEvents(1, 6));
  await hook.runDue();
  expect(await box.letters()).toHaveLength(5);

  const untried = await hook.delivery(6);
  expect(untried).toMatchObject({ attempts: 0, nextAttemptAtMs: START_MS + SECOND });
  expect(await hook.alarmAt()).toBe(untried.nextAttemptAtMs);
  clock.set(START_MS + SECOND);
  await hook.runDue();
  expect(await hook.delivery(6)).toMatchObject({ attempts: 1 });
});

test('B8: behind another of its subject a delivery names no time', async () => {
  const box = new Mailbox();
  await box.answerWith({ status: 500 });
  const hook = await openHook(box.url, { retry: RETRY });
  await hook.enqueue(...storedEvents(1, 2, 'contact/1'));
  await hook.runDue();
  expect(await hook.delivery(1)).toMatchObject({ nextAttemptAtMs: START_MS + 100 * SECOND });
  expect(await hook.delivery(2)).toMatchObject({ attempts: 0, nextAttemptAtMs: null });
});
