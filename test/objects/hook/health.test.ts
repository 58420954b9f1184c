/**
 * How the hook fares outlives every object that knew it: also what a retry that failed again has written into its
 * delivery's row alone, whatever becomes of that row.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Health } from '../../../src/core/health.ts';
import { readHealth } from '../../../src/hook/health.ts';
import { Queue } from '../../../src/hook/queue.ts';
import { Mailbox } from '../../support/mailbox.ts';
import {
  clock,
  LIVES,
  metered,
  openHook,
  START_MS,
  storedEvent,
  storedEvents,
  type HookUnderTest,
} from '../../support/objects.ts';

beforeEach(() => clock.start());

const MINUTE_MS = 60_000;
const RETRY = { scheduleSeconds: Array.from({ length: 9 }, () => 60), jitter: 0, giveUpOn: [400] };
const OTHER_RETRY = { ...RETRY, disableAfterSeconds: 172_800 };

/** What the next life of the object would know. */
const onDisk = (hook: HookUnderTest): Promise<Health> =>
  hook.inside((_instance, { storage: { sql } }) => readHealth(sql, new Queue(sql).newestHealth()));

/** Of the `health` row, which a retry that fails again does not write. */
const errorsInRow = (hook: HookUnderTest): Promise<number> =>
  hook.inside((_instance, { storage: { sql } }) =>
    Number(sql.exec('SELECT errors FROM health').one()['errors']),
  );

/** As the API shows it. */
async function shown(hook: HookUnderTest) {
  const { consecutiveFailures, errors, lastError, lastAnswer, lastFailureAtMs, lastSuccessAtMs } =
    await hook.stub.runtime();
  return { consecutiveFailures, errors, lastError, lastAnswer, lastFailureAtMs, lastSuccessAtMs };
}

/** All that is due goes out a minute later. */
async function aMinuteLater(hook: HookUnderTest): Promise<void> {
  clock.advance(MINUTE_MS);
  await hook.runDue();
}

/** A hook whose deliveries have failed twice each, the last of them last: its row alone tells of that. */
async function failedTwice(deliveries: number, box = new Mailbox()): Promise<HookUnderTest> {
  const answers = Array.from({ length: 2 * deliveries }, (_, at) => ({ status: 500, body: `no ${at + 1}` }));
  await box.answerWith({ status: 200 }, ...answers);
  const hook = await openHook(box.url, { retry: RETRY });
  await hook.enqueue(...storedEvents(1, deliveries));
  await hook.runDue();
  await aMinuteLater(hook);
  expect(await errorsInRow(hook)).toBeLessThan(2 * deliveries);
  return hook;
}

async function heldForTooLong(hook: HookUnderTest): Promise<void> {
  clock.advance(400 * 86_400_000);
  await hook.runDue();
}

const failures = (errors: number) => ({
  consecutiveFailures: errors,
  errors,
  lastError: 'status',
  lastAnswer: expect.stringMatching(new RegExp(`^HTTP 500\n[^]*\n\nno ${errors}$`)) as string,
  lastFailureAtMs: START_MS + MINUTE_MS,
});

describe.each(LIVES)('$life', ({ halfway }) => {
  test.each([
    ['none', 1],
    ['none', 2],
    ['subject', 2],
    ['subject', 3],
    ['fifo', 1],
  ] as const)(
    'order %s: deliveries that fail in turn, %i of them, are all counted',
    async (ordering, count) => {
      const box = new Mailbox();
      await box.answerWith({ status: 503, body: 'not now' });
      const hook = await openHook(box.url, { retry: RETRY, ordering });
      await hook.enqueue(...storedEvents(1, count));
      await hook.runDue();
      let errors = (await box.letters()).length;
      for (let round = 1; errors < 9; round += 1) {
        clock.set(Math.max(clock.nowMs(), (await hook.alarmAt()) ?? 0));
        await hook.wake();
        await halfway(hook);
        errors = (await box.letters()).length;
        expect(await shown(hook), `round ${round}`).toMatchObject({
          consecutiveFailures: errors,
          errors,
          lastError: 'status',
          lastAnswer: expect.stringMatching(/^HTTP 503\n[^]*\n\nnot now$/) as string,
          lastFailureAtMs: clock.nowMs(),
          lastSuccessAtMs: null,
        });
        expect(await onDisk(hook)).toMatchObject({ errors, failingSinceMs: START_MS });
      }
    },
  );

  test('an outage is as old as its first failure, and is told of once', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 500 });
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    for (let failed = 1; failed < 7; failed += 1) {
      await halfway(hook);
      // What it has to tell is left there for this test to read.
      await hook.inside((_instance, { storage }) => {
        storage.sql.exec(`CREATE TABLE IF NOT EXISTS told AS SELECT * FROM notices LIMIT 0`);
        storage.sql.exec(
          `CREATE TRIGGER IF NOT EXISTS telling AFTER INSERT ON notices
           BEGIN INSERT INTO told SELECT new.number, new.type, new.facts; END`,
        );
      });
      await aMinuteLater(hook);
    }
    const told = await hook.inside((_instance, { storage }) =>
      storage.sql.exec<{ type: string; facts: string }>('SELECT type, facts FROM told').toArray(),
    );
    expect(told.map(({ type }) => type)).toEqual(['posthorn.hook.failing']);
    expect(JSON.parse(told[0]?.facts ?? '')).toMatchObject({ since: new Date(START_MS).toISOString() });
  });

  test('a retry that fails after a success begins another count', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500, 200, 500);
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(...storedEvents(1, 2));
    await hook.runDue();
    await halfway(hook);
    await aMinuteLater(hook);
    await halfway(hook);
    expect(await shown(hook)).toMatchObject({ consecutiveFailures: 1, errors: 2, lastSuccessAtMs: START_MS });
    expect(await onDisk(hook)).toMatchObject({ failingSinceMs: START_MS + MINUTE_MS });
  });

  test('what the receiver asks for with Retry-After stands when a retry was told so', async () => {
    const box = new Mailbox();
    await box.answerWith(
      { status: 200 },
      { status: 500 },
      { status: 429, headers: { 'retry-after': '600' } },
    );
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    await aMinuteLater(hook);
    await halfway(hook);
    await hook.enqueue(storedEvent(2));
    await aMinuteLater(hook);
    expect(await box.letters()).toHaveLength(2);
    expect(await hook.alarmAt()).toBe(START_MS + 11 * MINUTE_MS);
  });

  test('the time that goes back hides nothing', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 500 });
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(...storedEvents(1, 2));
    await hook.runDue();
    await aMinuteLater(hook);
    clock.set(START_MS - 86_400_000);
    await hook.inside((instance) => instance.retry(storedEvent(1)));
    await hook.runDue();
    let before = (await shown(hook)).errors;
    for (let times = 0; times < 3; times += 1) {
      await aMinuteLater(hook);
      await halfway(hook);
      const { errors } = await shown(hook);
      expect(errors).toBeGreaterThan(before);
      expect(await shown(hook)).toMatchObject({ lastFailureAtMs: clock.nowMs() });
      expect(await onDisk(hook)).toMatchObject({ errors });
      before = errors;
    }
  });

  test('nor does a retry by hand that fails in the same moment as another', async () => {
    const box = new Mailbox();
    const hook = await failedTwice(2, box);
    await box.answerWith({ status: 500 });
    clock.advance(MINUTE_MS);
    await hook.inside((instance) => instance.retry(storedEvent(2)));
    await hook.runDue();
    await halfway(hook);
    expect(await shown(hook)).toMatchObject({ consecutiveFailures: 6, errors: 6 });
    expect(await onDisk(hook)).toMatchObject({ errors: 6 });
    expect(await errorsInRow(hook)).toBe(5);
  });

  test('after a crash a success ends the count and leaves the errors', async () => {
    const hook = await failedTwice(2);
    await halfway(hook);
    await hook.crash();
    expect(await shown(hook)).toMatchObject(failures(4));
    await aMinuteLater(hook);
    await halfway(hook);
    expect(await shown(hook)).toMatchObject({
      ...failures(4),
      consecutiveFailures: 0,
      lastSuccessAtMs: START_MS + 2 * MINUTE_MS,
    });
    expect(await errorsInRow(hook)).toBe(4);
  });

  /** Each is done to the delivery whose row holds what is newest, place 2 of the two that fail in turn. */
  test.each<[string, (hook: HookUnderTest) => Promise<unknown>, Partial<ReturnType<typeof failures>>?]>([
    ['is cancelled', (hook) => hook.stub.cancel(2)],
    ['is put into another lane', (hook) => hook.patch({ ordering: 'fifo' })],
    ['is held', (hook) => hook.patch({ paused: true })],
    ['is cancelled with its hook', (hook) => hook.delete()],
    ['is expunged', (hook) => hook.inside((instance) => instance.expunge(2)), { lastAnswer: null as never }],
    ['sees others purged', (hook) => hook.inside((instance) => instance.purge(10))],
    ['is asked for by hand', (hook) => hook.inside((instance) => instance.retry(storedEvent(2)))],
    ['sees its hook resumed', (hook) => hook.stub.enable(), { consecutiveFailures: 0 }],
    ['sees its hook changed', (hook) => hook.patch({ retry: OTHER_RETRY })],
  ])('nothing is forgotten when it %s', async (_what, act, changes = {}) => {
    const hook = await failedTwice(2);
    await act(hook);
    await halfway(hook);
    expect(await shown(hook)).toMatchObject({ ...failures(4), ...changes });
    expect(await onDisk(hook)).toMatchObject({ errors: 4, lastFailureAtMs: START_MS + MINUTE_MS });
    await hook.crash();
    expect(await shown(hook)).toMatchObject({ ...failures(4), ...changes });
  });

  test.each([
    [200, { consecutiveFailures: 0, errors: 4 }],
    [400, { consecutiveFailures: 4, errors: 5 }],
    [500, { consecutiveFailures: 5, errors: 5 }],
  ])('nor when it is sent by hand and answered %i', async (status, expected) => {
    const box = new Mailbox();
    const hook = await failedTwice(2, box);
    await box.answerWith({ status });
    await hook.inside((instance) => instance.retry(storedEvent(2)));
    await halfway(hook);
    await hook.runDue();
    await halfway(hook);
    expect(await shown(hook)).toMatchObject(expected);
    expect(await errorsInRow(hook)).toBe(expected.errors);
  });

  test.each<[string, (hook: HookUnderTest) => Promise<unknown>]>([
    ['is cancelled', (hook) => hook.stub.cancel(1)],
    ['has been held for too long', heldForTooLong],
    [
      'cannot be said any more',
      (hook) => hook.patch({ format: 'superoffice' }).then(() => aMinuteLater(hook)),
    ],
  ])('nor when it had been delivered and %s', async (_what, end) => {
    const box = new Mailbox();
    const hook = await openHook(box.url, { retry: RETRY });
    const event = storedEvent(1, { subject: 'contact/without a number' });
    await hook.enqueue(event);
    await hook.runDue();
    await box.answerWith({ kind: 'held', status: 500 }, { status: 500 }, { status: 500 });
    await hook.inside((instance) => instance.retry(event));
    await hook.runDue();
    await aMinuteLater(hook);
    clock.advance(MINUTE_MS);
    const wake = hook.wake();
    await box.letters(4);
    const isHeld = end === heldForTooLong;
    if (isHeld) await hook.patch({ paused: true });
    await box.release();
    await wake;
    expect(await errorsInRow(hook)).toBe(isHeld ? 2 : 1);
    await end(hook);
    await halfway(hook);
    expect(await hook.delivery(1)).toMatchObject({ status: 'delivered' });
    expect(await shown(hook)).toMatchObject({ consecutiveFailures: 3, errors: 3 });
    expect(await errorsInRow(hook)).toBe(3);
  });

  test('an answer that echoes an expunged event stays in no row', async () => {
    const hook = await failedTwice(2);
    await hook.inside((instance) => instance.expunge(1));
    await halfway(hook);
    const kept = await hook.inside((_instance, { storage: { sql } }) =>
      sql
        .exec<{ seq: number; health: string | null }>('SELECT seq, health FROM deliveries ORDER BY seq')
        .toArray(),
    );
    expect(kept).toMatchObject([{ health: null }, { health: expect.stringContaining('no 4') as string }]);
    expect(await hook.stub.runtime()).toMatchObject({ lastAnswer: null, errors: 4, consecutiveFailures: 4 });
  });

  test('a retry that cannot be written down leaves memory as the disk is', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 500 });
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(...storedEvents(1, 2));
    await hook.runDue();
    await aMinuteLater(hook);
    await hook.inside((_instance, { storage: { sql } }) => {
      sql.exec(
        `CREATE TRIGGER broken BEFORE UPDATE OF failed_at ON deliveries BEGIN SELECT raise(ABORT, 'broken'); END`,
      );
    });
    clock.advance(MINUTE_MS);
    await hook.wake();
    await halfway(hook);
    expect(await shown(hook)).toMatchObject({
      consecutiveFailures: 4,
      errors: 4,
      lastFailureAtMs: START_MS + MINUTE_MS,
    });
    await hook.inside((_instance, { storage: { sql } }) => {
      sql.exec('DROP TRIGGER broken');
    });
    await aMinuteLater(hook);
    expect(await onDisk(hook)).toMatchObject({ errors: (await hook.stub.runtime()).errors });
  });
});

describe('rows', () => {
  test.each(['none', 'subject'] as const)(
    'order %s: each of four that fail again writes 2, and one alarm is set',
    async (ordering) => {
      const box = new Mailbox();
      // Another one arrives in between, each time: a hook that is failing has to tell of it.
      const four = [500, 500, 500, 500];
      await box.answerStatuses(...four, 200, ...four, 200, ...four);
      const hook = await openHook(box.url, { retry: { ...RETRY, disableAfterSeconds: 432_000 }, ordering });
      await hook.enqueue(...storedEvents(1, 5));
      await hook.runDue();
      await aMinuteLater(hook);
      await hook.enqueue(storedEvent(6));
      await hook.runDue();
      clock.advance(MINUTE_MS);
      const reading = await metered(hook, () => hook.wake());
      expect(await box.letters()).toHaveLength(14);
      // That one has arrived in between is reported, once.
      const reported = reading.statements.filter(({ query }) => /\bSET reported\b/.test(query));
      expect(reported.map(({ rowsWritten }) => rowsWritten)).toEqual([1]);
      expect(reading.rowsWritten - 1).toBe(8);
      expect(reading.alarmsSet).toBe(1);
    },
  );

  test('a first try that succeeds says nothing of the health', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await hook.enqueue(storedEvent(1));
    const reading = await metered(hook, () => hook.wake());
    expect(reading.statements.filter(({ query }) => /\bUPDATE health\b/.test(query))).toEqual([]);
  });
});
