import { beforeEach, describe, expect, test } from 'vitest';
import { Mailbox } from '../../support/mailbox.ts';
import { clock, idsOf, LIVES, openHook, START_MS, storedEvent, storedEvents } from '../../support/objects.ts';

beforeEach(() => clock.start());

/** Of the setting HELD_DAYS: until then there is nothing to do for a hook that is held. */
const HELD_MS = 60 * 86_400_000;
const RETRY = { scheduleSeconds: [60, 60, 60], jitter: 0 };

describe.each(LIVES)('$life', ({ halfway }) => {
  test('D2: from the moment a 410 disables the hook no attempt starts, scheduled retries included', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500, 410);
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(...storedEvents(1, 4));
    await hook.runDue();
    expect(await box.letters()).toHaveLength(2);
    await halfway(hook);
    clock.advance(3600_000);
    await hook.wake();
    await hook.inside((instance) => instance.alarm());
    await hook.patch({ name: 'other' });
    await hook.runDue();
    expect(await box.letters()).toHaveLength(2);
    expect(await hook.stub.runtime()).toMatchObject({ state: 'disabled', stateReason: 'gone', pending: 4 });
  });

  test('D3: pause holds, resume drains in order', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url, { paused: true });
    await hook.enqueue(...storedEvents(1, 3));
    expect(await hook.alarmAt()).toBe(START_MS + HELD_MS);
    await hook.wake();
    await halfway(hook);
    await hook.enqueue(...storedEvents(4, 5));
    expect(await hook.alarmAt()).toBe(START_MS + HELD_MS);
    expect(await hook.delivery(5)).toMatchObject({ status: 'held', reason: 'paused' });
    expect(await hook.stub.runtime()).toMatchObject({ state: 'paused', stateReason: 'paused', pending: 5 });
    expect(await box.letters()).toHaveLength(0);

    await hook.patch({ paused: false });
    await halfway(hook);
    await hook.runDue();
    expect(await box.ids()).toEqual(idsOf(storedEvents(1, 5)));
  });

  test('D3: pausing during an attempt lets it end and starts no other; resuming during one loses no wake', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 200 }, { kind: 'held' }, { kind: 'held' });
    const hook = await openHook(box.url);
    await hook.enqueue(...storedEvents(1, 3));
    const first = hook.wake();
    await box.letters(1);
    await hook.patch({ paused: true });
    await box.release();
    await first;
    await halfway(hook);
    await hook.wake();
    expect(await box.letters()).toHaveLength(1);
    expect(await hook.delivery(1)).toMatchObject({ status: 'delivered' });

    await hook.patch({ paused: false });
    const second = hook.wake();
    await box.letters(2);
    await hook.patch({ paused: true });
    await hook.patch({ paused: false });
    await box.release();
    await second;
    await halfway(hook);
    await hook.runDue();
    expect(await box.ids()).toEqual(idsOf(storedEvents(1, 3)));
  });

  test('D4: deleted between enqueue and send: nothing is sent, a trace is left', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500);
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(...storedEvents(1, 2, 'a'));
    await hook.runDue();
    await hook.enqueue(storedEvent(3));
    clock.advance(10_000);
    await hook.delete();
    await halfway(hook);
    await hook.enqueue(storedEvent(2), storedEvent(4));
    clock.advance(3600_000);
    await hook.wake();
    await hook.inside((instance) => instance.alarm());
    expect(await box.letters()).toHaveLength(1);
    for (const seq of [1, 2, 3]) {
      expect(await hook.delivery(seq)).toMatchObject({
        status: 'cancelled',
        reason: 'deleted',
        sequence: seq,
        retryAtMs: null,
        finishedAtMs: START_MS + 10_000,
      });
    }
    expect(await hook.delivery(4)).toMatchObject({ status: 'cancelled', reason: 'deleted', sequence: 4 });
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 0, dead: 0 });
    expect(await hook.alarmAt()).toBeNull();
  });

  test.each([200, 500, 410])(
    'D4: deleted during an attempt that then gets %d: the attempt is recorded, the delivery stays cancelled',
    async (status) => {
      const box = new Mailbox();
      await box.answerWith({ kind: 'held', status });
      const hook = await openHook(box.url, { retry: RETRY });
      await hook.enqueue(...storedEvents(1, 2, 'a'));
      const wake = hook.wake();
      await box.letters(1);
      await hook.delete();
      await box.release();
      await wake;
      await halfway(hook);
      await hook.runAll();
      expect(await box.letters()).toHaveLength(1);
      expect(await hook.delivery(1)).toMatchObject({
        status: 'cancelled',
        reason: 'deleted',
        attempts: 1,
        attemptLog: [{ number: 1, statusCode: status }],
      });
      expect(await hook.delivery(2)).toMatchObject({ status: 'cancelled', attempts: 0, attemptLog: [] });
      expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 0, dead: 0 });
    },
  );

  test('D5: resuming clears the failure count, a success does too', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500, 500, 410);
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(...storedEvents(1, 3));
    await hook.runDue();
    await halfway(hook);
    expect(await hook.stub.runtime()).toMatchObject({
      state: 'disabled',
      consecutiveFailures: 3,
      lastFailureAtMs: START_MS,
      lastError: 'status',
      lastSuccessAtMs: null,
    });
    const resumed = await hook.inside((instance) => instance.enable());
    expect(resumed).toMatchObject({ state: 'active', consecutiveFailures: 0, stateReason: null });
    await box.answerStatuses(500);
    await hook.runDue();
    await halfway(hook);
    expect(await hook.stub.runtime()).toMatchObject({ consecutiveFailures: 1 });
    clock.advance(60_000);
    await hook.runDue();
    expect(await hook.stub.runtime()).toMatchObject({
      consecutiveFailures: 0,
      lastSuccessAtMs: START_MS + 60_000,
      delivered: 3,
    });
  });

  test.each([200, 500, 410])('D6: a test event answered %d counts nowhere', async (status) => {
    const box = new Mailbox();
    await box.answerStatuses(status);
    const hook = await openHook(box.url, { paused: true });
    await hook.enqueue(storedEvent(1));
    const before = await hook.stub.runtime();
    const result = await hook.inside((instance) => instance.test());
    await halfway(hook);
    expect(result).toEqual({
      delivered: status === 200,
      statusCode: status,
      durationMs: 0,
      error: status === 200 ? null : 'status',
    });
    expect(await hook.stub.runtime()).toEqual(before);
    const [letter] = await box.letters();
    expect(letter?.headers['posthorn-sequence']).toBeUndefined();
    expect(letter?.headers['posthorn-attempt']).toBe('1');
    await hook.patch({ paused: false });
    await hook.runDue();
    expect((await box.letters())[1]?.headers['posthorn-sequence']).toBe('1');
  });

  test('an older registration changes nothing', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    const old = hook.registration;
    await hook.patch({ paused: true });
    await halfway(hook);
    await hook.inside((instance) =>
      instance.configure({ tenant: 'default', incarnation: 'test', jurisdiction: null }, old),
    );
    expect(await hook.stub.runtime()).toMatchObject({ state: 'paused' });
  });
});

describe('an erased hook', () => {
  test('leaves no row and no alarm, and a late alarm or question finds nothing', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await hook.enqueue(...storedEvents(1, 3));
    await hook.inside((instance) => instance.erase());
    expect(await hook.alarmAt()).toBeNull();
    await hook.inside((instance) => instance.alarm());
    await hook.evict();
    const tables = await hook.inside((_instance, { storage }) =>
      storage.sql.exec(`SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'`).toArray(),
    );
    expect(tables).toEqual([]);
    expect(await hook.alarmAt()).toBeNull();
    expect(await hook.inside((instance) => instance.delivery(1))).toBeNull();
    await expect(hook.inside((instance) => instance.enqueue([storedEvent(1)]))).rejects.toThrow(
      'expected to be configured',
    );
    expect(await box.letters()).toHaveLength(0);
  });

  test('during an attempt: the answer is dropped and nothing comes back to life', async () => {
    const box = new Mailbox();
    await box.answerWith({ kind: 'held' });
    const hook = await openHook(box.url);
    await hook.enqueue(...storedEvents(1, 3));
    const wake = hook.wake();
    await box.letters(1);
    await hook.inside((instance) => instance.erase());
    await box.release();
    await wake;
    expect(await hook.alarmAt()).toBeNull();
    expect(await box.letters()).toHaveLength(1);
    expect(await hook.inside((instance) => instance.delivery(1))).toBeNull();
  });
});
