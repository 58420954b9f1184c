/** Retry and cancel by hand: what they do to the queue, its order and its counters. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Mailbox } from '../../support/mailbox.ts';
import { clock, idsOf, LIVES, openHook, START_MS, storedEvent, storedEvents } from '../../support/objects.ts';
import type { HookUnderTest } from '../../support/objects.ts';

beforeEach(() => clock.start());

const SECOND = 1000;
const RETRY = { scheduleSeconds: [10, 100], jitter: 0, giveUpOn: [400] };
const retry = (hook: HookUnderTest, seq: number, subject?: string) =>
  hook.inside((instance) => instance.retry(storedEvent(seq, subject === undefined ? {} : { subject })));
const cancel = (hook: HookUnderTest, seq: number) => hook.inside((instance) => instance.cancel(seq));

describe.each(LIVES)('$life', ({ halfway }) => {
  test('B12: a retry by hand replaces the scheduled attempt: one request, and its success ends the schedule', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500);
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    clock.advance(SECOND);
    expect(await retry(hook, 1)).toBe('retried');
    expect(await retry(hook, 1)).toBe('retried');
    await halfway(hook);
    await hook.runAll();
    expect(await box.ids()).toEqual(idsOf([storedEvent(1), storedEvent(1)]));
    expect((await box.letters())[1]?.headers['posthorn-replay']).toBe('manual');
    expect(await hook.alarmAt()).toBeNull();
  });

  test('B12: a failure by hand uses no step', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 500 });
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    for (let time = 0; time < 3; time += 1) {
      clock.advance(SECOND);
      await retry(hook, 1);
      await halfway(hook);
      await hook.runDue();
    }
    expect(await hook.delivery(1)).toMatchObject({ attempts: 4, retryAtMs: START_MS + 13 * SECOND });
    await hook.runAll();
    expect(await hook.delivery(1)).toMatchObject({ status: 'dead', reason: 'exhausted', attempts: 6 });
  });

  test.each([
    ['dead', 400],
    ['cancelled', 500],
  ])(
    'a %s one starts a fresh schedule of N+1 attempts, and counts as pending meanwhile',
    async (status, answer) => {
      const box = new Mailbox();
      await box.answerWith({ status: answer });
      const hook = await openHook(box.url, { retry: RETRY });
      await hook.enqueue(storedEvent(1));
      await hook.runDue();
      if (status === 'cancelled') expect(await cancel(hook, 1)).toBe('cancelled');
      expect(await hook.delivery(1)).toMatchObject({ status });
      await box.answerWith({ status: 500 });
      expect(await retry(hook, 1)).toBe('retried');
      await halfway(hook);
      expect(await hook.stub.runtime()).toMatchObject({ pending: 1, dead: 0, delivered: 0 });
      await hook.runAll();
      expect(await hook.delivery(1)).toMatchObject({ status: 'dead', reason: 'exhausted', attempts: 4 });
      expect(await hook.stub.runtime()).toMatchObject({ pending: 0, dead: 1, delivered: 0 });
    },
  );

  test.each([
    ['fails to the end', 500, [10, 100], 4],
    ['is given up', 400, [10], 2],
    ['fails where the schedule has no step', 500, [], 2],
  ])(
    'B13: a delivered one that %s is retried by a fresh schedule and stays delivered, as it was',
    async (_name, answer, scheduleSeconds, attempts) => {
      const box = new Mailbox();
      await box.answerWith({ status: answer }, { status: 200 });
      const hook = await openHook(box.url, { retry: { ...RETRY, scheduleSeconds } });
      await hook.enqueue(storedEvent(1));
      await hook.runDue();
      clock.advance(60 * SECOND);
      await retry(hook, 1);
      await halfway(hook);
      for (let more = await hook.alarmAt(); more !== null; more = await hook.alarmAt()) {
        clock.set(Math.max(more, clock.nowMs()));
        await hook.wake();
        expect(await hook.delivery(1)).toMatchObject({ status: 'delivered', reason: null });
        expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 1, dead: 0 });
      }
      expect(await hook.delivery(1)).toMatchObject({ attempts, finishedAtMs: START_MS });
      expect((await box.letters())[1]?.headers['posthorn-replay']).toBe('manual');
    },
  );

  test('B13: a delivered one that fails once and then arrives has a new time of arrival; lists show it as delivered', async () => {
    const box = new Mailbox();
    await box.answerStatuses(200, 500, 200);
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    await retry(hook, 1);
    await hook.runDue();
    await halfway(hook);
    const seqs = (status: 'delivered' | 'pending') =>
      hook.inside((instance) => instance.deliveries(status, null, 9).views.map(({ seq }) => seq));
    expect([await seqs('delivered'), await seqs('pending')]).toEqual([[1], []]);
    expect(await hook.delivery(1)).toMatchObject({ nextAttemptAtMs: START_MS + 10 * SECOND });
    clock.advance(10 * SECOND);
    await hook.runDue();
    expect(await hook.delivery(1)).toMatchObject({ attempts: 3, finishedAtMs: START_MS + 10 * SECOND });
  });

  test('a dead one that is retried has not finished any more, until it has', async () => {
    const box = new Mailbox();
    await box.answerStatuses(400, 500);
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    expect(await hook.delivery(1)).toMatchObject({ status: 'dead', finishedAtMs: START_MS });
    await retry(hook, 1);
    expect(await hook.delivery(1)).toMatchObject({ status: 'pending', finishedAtMs: null });
    await hook.runDue();
    await halfway(hook);
    expect(await hook.delivery(1)).toMatchObject({ status: 'pending', finishedAtMs: null });
    await hook.runAll();
    // The last that was due is the report of how the hook stands.
    expect(await hook.delivery(1)).toMatchObject({ status: 'delivered', finishedAtMs: START_MS + 10_000 });
  });

  test('one that has ended does not go out again while the queue is full; a pending one does', async () => {
    const box = new Mailbox();
    await box.answerStatuses(400, 500);
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(...storedEvents(1, 2));
    await hook.runDue();
    await halfway(hook);
    await hook.inside((instance) => void Object.assign(instance.queueLimits, { deliveries: 1 }));
    expect([await retry(hook, 1), await retry(hook, 2)]).toEqual(['queue-full', 'retried']);
    expect(await hook.delivery(1)).toMatchObject({ status: 'dead' });
    await hook.runDue();
    expect(await retry(hook, 1)).toBe('retried');
    await hook.runDue();
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 2, dead: 0 });
  });

  test('one delivered that is sent again stays delivered when that is cancelled, or the hook deleted', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await hook.enqueue(...storedEvents(1, 2));
    await hook.runDue();
    await retry(hook, 1);
    await retry(hook, 2);
    await halfway(hook);
    expect(await cancel(hook, 1)).toBe('cancelled');
    expect(await hook.delivery(1)).toMatchObject({ status: 'delivered', reason: null });
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 2 });
    await hook.delete();
    expect(await hook.delivery(2)).toMatchObject({ status: 'delivered', finishedAtMs: START_MS });
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 2 });
    expect(await retry(hook, 2)).toBe('unknown');
  });

  test('one that today’s format cannot say ends once, and the hook goes on', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500);
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(storedEvent(1, { subject: 'contact/without a number' }));
    await hook.runDue();
    await retry(hook, 1);
    await hook.patch({ format: 'superoffice' });
    await halfway(hook);
    await hook.runDue();
    expect(await hook.delivery(1)).toMatchObject({ status: 'dead', reason: 'format' });
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, dead: 1 });
    await hook.patch({ format: 'structured' });
    await hook.enqueue(storedEvent(2));
    await hook.runDue();
    expect(await hook.delivery(2)).toMatchObject({ status: 'delivered' });
  });

  test('it does not wait for its subject, and what it passed is not forgotten', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 200 }, { status: 500 }, { kind: 'held', status: 500 });
    const hook = await openHook(box.url, { concurrency: 6, retry: RETRY });
    const [head, second] = [storedEvent(1, { subject: 'a' }), storedEvent(2, { subject: 'a' })];
    await hook.enqueue(head, second);
    await hook.runDue();
    await retry(hook, 2, 'a');
    const wake = hook.wake();
    await box.letters(2);
    clock.advance(10 * SECOND);
    await hook.enqueue(storedEvent(3));
    await box.letters(3);
    await box.release();
    await wake;
    await halfway(hook);
    await hook.runAll();
    expect((await box.ids()).slice(0, 2)).toEqual(idsOf([head, second]));
    expect((await box.ids()).slice(3)).toEqual(idsOf([head, second]));
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 3 });
  });

  test.each(['fifo', 'subject'] as const)(
    'one that was reopened is in no lane, also after the ordering changed to %s: it holds back nobody and waits for nobody',
    async (ordering) => {
      const box = new Mailbox();
      await box.answerStatuses(400, 500, 500, 200);
      const hook = await openHook(box.url, { ordering: 'none', retry: RETRY });
      await hook.enqueue(storedEvent(1, { subject: 'a' }));
      await hook.runDue();
      await retry(hook, 1, 'a');
      await hook.runDue();
      clock.advance(SECOND);
      await hook.patch({ ordering });
      await hook.enqueue(storedEvent(2, { subject: 'a' }), storedEvent(3, { subject: 'a' }));
      await halfway(hook);
      await hook.runDue();
      expect(await hook.delivery(2)).toMatchObject({ state: 'retrying' });
      clock.advance(9 * SECOND);
      await hook.runDue();
      expect(await hook.delivery(1)).toMatchObject({ status: 'delivered' });
      await hook.runAll();
      expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 3 });
    },
  );

  test('C4: cancelling a head that fails frees what waits behind it, and a second time there is nothing to cancel', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500);
    const hook = await openHook(box.url, { ordering: 'fifo', retry: RETRY });
    await hook.enqueue(...storedEvents(1, 3));
    await hook.runDue();
    await halfway(hook);
    expect(await cancel(hook, 1)).toBe('cancelled');
    expect(await cancel(hook, 1)).toBe('ended');
    await hook.runDue();
    expect(await box.ids()).toEqual(idsOf(storedEvents(1, 3)));
    expect(await hook.delivery(1)).toMatchObject({ status: 'cancelled', reason: 'cancelled' });
  });

  test('a hook that is paused or disabled, and what is in flight, refuses both', async () => {
    const box = new Mailbox();
    await box.answerWith({ kind: 'held', status: 410 });
    const hook = await openHook(box.url);
    await hook.enqueue(storedEvent(1));
    const wake = hook.wake();
    await box.letters(1);
    expect([await retry(hook, 1), await cancel(hook, 1)]).toEqual(['in-flight', 'in-flight']);
    await box.release();
    await wake;
    await halfway(hook);
    expect([await retry(hook, 1), await cancel(hook, 1)]).toEqual(['disabled', 'disabled']);
    await hook.inside((instance) => instance.enable());
    await hook.patch({ paused: true });
    await halfway(hook);
    expect([await retry(hook, 1), await cancel(hook, 1)]).toEqual(['paused', 'paused']);
    expect([await retry(hook, 9), await cancel(hook, 9)]).toEqual(['unknown', 'unknown']);
  });

  test('asked for before a pause it goes out after the resume, not before', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500);
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    await retry(hook, 1);
    await hook.patch({ paused: true });
    await halfway(hook);
    await hook.wake();
    expect(await box.letters()).toHaveLength(1);
    await hook.patch({ paused: false });
    expect(await hook.alarmAt()).toBe(clock.nowMs());
    await hook.runDue();
    expect(await box.letters()).toHaveLength(2);
  });
});
