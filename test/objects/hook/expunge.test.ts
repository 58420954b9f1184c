/** The payload of an expunged event leaves the hook; the skeleton and the order of the others stay. */
import { beforeEach, describe, expect, test } from 'vitest';
import { NO_EVIDENCE } from '../../../src/hook/attempt-log.ts';
import { Mailbox } from '../../support/mailbox.ts';
import {
  clock,
  idsOf,
  LIVES,
  openHook,
  storedEvent,
  storedEvents,
  type HookUnderTest,
} from '../../support/objects.ts';

beforeEach(() => clock.start());

const RETRY = { scheduleSeconds: [60], jitter: 0, giveUpOn: [400] };

const expunge = (hook: HookUnderTest, seq: number) => hook.inside((instance) => instance.expunge(seq));
const payload = (hook: HookUnderTest, seq: number) =>
  hook.inside((_instance, { storage }) =>
    storage.sql.exec('SELECT kind, content_type, head, raw FROM deliveries WHERE seq = ?', seq).one(),
  );
const NO_PAYLOAD = { kind: null, content_type: null, head: null, raw: null };

describe.each(LIVES)('$life', ({ halfway }) => {
  test('a pending one ends as cancelled with its number, and what waits behind it goes on', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500);
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(...storedEvents(1, 3, 'a'));
    await hook.runDue();
    await expunge(hook, 1);
    await halfway(hook);
    expect(await hook.delivery(1)).toMatchObject({ status: 'cancelled', reason: 'deleted', sequence: 1 });
    expect(await payload(hook, 1)).toEqual(NO_PAYLOAD);
    await hook.runDue();
    expect(await box.ids()).toEqual(idsOf(storedEvents(1, 3)));
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 2, dead: 0 });
    await hook.enqueue(storedEvent(4));
    expect(await hook.delivery(4)).toMatchObject({ sequence: 4 });
  });

  test.each([
    ['delivered', 200],
    ['dead', 400],
  ])('of one that is %s the answers of the receiver go; state and attempts stay', async (status, answer) => {
    const box = new Mailbox();
    await box.answerWith({ status: answer, body: 'you said: über "secret"' });
    const hook = await openHook(box.url, { retry: RETRY, keepAnswers: true });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    const before = await hook.delivery(1);
    expect(before.attemptLog[0]?.responseExcerpt).toContain('secret');
    for (let time = 0; time < 2; time += 1) {
      await expunge(hook, 1);
      await halfway(hook);
      expect(await hook.delivery(1)).toEqual({
        ...before,
        attemptLog: before.attemptLog.map((attempt) => ({ ...attempt, ...NO_EVIDENCE })),
      });
    }
    expect(before.status).toBe(status);
    expect(await hook.stub.runtime()).toMatchObject({ lastAnswer: null });
    expect(await hook.inside((instance) => instance.retry(storedEvent(1)))).toBe('expunged');
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0 });
  });

  test('one in flight arrives and is recorded without what the receiver answered', async () => {
    const box = new Mailbox();
    await box.answerWith({ kind: 'held', status: 500 });
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(...storedEvents(1, 2, 'a'));
    const wake = hook.wake();
    await box.letters(1);
    await expunge(hook, 1);
    await box.answerWith({ status: 200 });
    await box.release();
    await wake;
    await halfway(hook);
    await hook.runDue();
    expect(await hook.delivery(1)).toMatchObject({
      status: 'cancelled',
      reason: 'deleted',
      attempts: 1,
      attemptLog: [{ outcome: 'failed', statusCode: 500, ...NO_EVIDENCE }],
    });
    expect(await payload(hook, 1)).toEqual(NO_PAYLOAD);
    expect(await hook.stub.runtime()).toMatchObject({ errors: 1, lastError: 'status', lastAnswer: null });
    expect(await box.ids()).toEqual(idsOf(storedEvents(1, 2)));
  });

  test('an event that comes in after it was expunged leaves a trace with a number, and is not sent', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await expunge(hook, 1);
    await halfway(hook);
    await hook.enqueue(...storedEvents(1, 2));
    await hook.runDue();
    expect(await box.ids()).toEqual(idsOf([storedEvent(2)]));
    expect(await hook.delivery(1)).toMatchObject({ status: 'cancelled', reason: 'deleted', sequence: 1 });
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 1 });
  });

  test('one delivered that was to be sent again stays delivered', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    await hook.inside((instance) => instance.retry(storedEvent(1)));
    await expunge(hook, 1);
    await halfway(hook);
    await hook.runAll();
    expect(await hook.delivery(1)).toMatchObject({ status: 'delivered', reason: null });
    expect(await payload(hook, 1)).toEqual(NO_PAYLOAD);
    expect(await box.letters()).toHaveLength(1);
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 1 });
  });

  test('a purge takes what was expunged like anything that has ended, and its mark', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url, { paused: true });
    await hook.enqueue(...storedEvents(1, 2));
    await expunge(hook, 1);
    expect(await hook.inside((instance) => instance.purge(3))).toMatchObject({ pending: [2] });
    await halfway(hook);
    const left = await hook.inside((_instance, { storage }) =>
      storage.sql
        .exec('SELECT (SELECT count(*) FROM expunged) AS marks, count(*) AS rows FROM deliveries')
        .one(),
    );
    expect(left).toEqual({ marks: 0, rows: 1 });
    expect(await hook.stub.runtime()).toMatchObject({ pending: 1, delivered: 0 });
  });
});
