/** What a purge takes and what it leaves; numbers and counters outlive the rows. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { PurgeStep } from '../../../src/hook/purge.ts';
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

const RETRY = { scheduleSeconds: [60], jitter: 0, giveUpOn: [400] };

const purge = (hook: HookUnderTest, beforeSeq: number) =>
  hook.inside((instance) => instance.purge(beforeSeq));
const placesOf = (hook: HookUnderTest) =>
  hook.inside((instance) => instance.deliveries(null, null, 200).views.map(({ seq }) => seq));

describe.each(LIVES)('$life', ({ halfway }) => {
  test('I7: what has ended below the bound goes, what is pending stays and is told; the counters do not change', async () => {
    const box = new Mailbox();
    await box.answerStatuses(200, 400, 500, 500);
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(...storedEvents(1, 4));
    await hook.runDue();
    await hook.inside((instance) => instance.cancel(4));
    await hook.inside((instance) => void Object.assign(instance.queueLimits, { deliveries: 1 }));
    await hook.enqueue(...storedEvents(5, 6));
    const before = await hook.stub.runtime();
    expect(before).toMatchObject({ pending: 1, delivered: 1, dead: 1 });
    expect(await placesOf(hook)).toEqual([6, 5, 4, 3, 2, 1]);
    await halfway(hook);
    expect(await purge(hook, 6)).toEqual({ isDone: true, pending: [3], pendingFrom: null });
    await halfway(hook);
    expect(await placesOf(hook)).toEqual([6, 3]);
    expect(await hook.stub.runtime()).toEqual(before);
    clock.advance(60_000);
    await hook.runDue();
    expect(await hook.delivery(3)).toMatchObject({ status: 'delivered', sequence: 3 });
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 2, dead: 1 });
  });

  test('A18: an event that comes again after it was purged gets no number, and is not sent again', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await hook.enqueue(...storedEvents(1, 3));
    await hook.runDue();
    expect(await purge(hook, 3)).toMatchObject({ isDone: true, pending: [] });
    await halfway(hook);
    const before = await hook.stub.runtime();
    // A call that hung since before the purge.
    await hook.enqueue(...storedEvents(1, 4));
    await hook.runDue();
    expect(await placesOf(hook)).toEqual([4, 3]);
    expect(await hook.delivery(4)).toMatchObject({ status: 'delivered', sequence: 4 });
    expect(await hook.stub.runtime()).toMatchObject({ delivered: 4, calls: before.calls + 1 });
    expect(await box.ids()).toEqual(idsOf(storedEvents(1, 4)));
  });

  test('C3: numbers go on where they were when every row is gone', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    const numbers: (string | undefined)[] = [];
    for (let round = 0; round < 4; round += 1) {
      await hook.enqueue(...storedEvents(3 * round + 1, 3 * round + 3));
      await hook.runDue();
      expect(await purge(hook, 3 * round + 4)).toMatchObject({ isDone: true, pending: [] });
      expect(await placesOf(hook)).toEqual([]);
      await halfway(hook);
      expect(await hook.stub.runtime()).toMatchObject({
        pending: 0,
        delivered: 3 * round + 3,
        lastSuccessAtMs: clock.nowMs(),
      });
      clock.advance(1000);
    }
    for (const { headers } of await box.letters()) numbers.push(headers['posthorn-sequence']);
    expect(numbers).toEqual(Array.from({ length: 12 }, (_, at) => String(at + 1)));
    expect(await hook.stub.runtime()).toMatchObject({ lastSuccessAtMs: START_MS + 3000 });
  });

  test('C3: a purge that fails half-way has deleted nothing, and no number is given out again', async () => {
    const hook = await openHook(new Mailbox().url, { retry: RETRY });
    await hook.enqueue(...storedEvents(1, 3));
    await hook.runDue();
    await hook.inside((instance, { storage }) => {
      const prototype = Object.getPrototypeOf(storage.sql) as SqlStorage;
      const exec = Object.getOwnPropertyDescriptor(prototype, 'exec')?.value as SqlStorage['exec'];
      prototype.exec = function (this: SqlStorage, query: string, ...bindings: unknown[]) {
        if (query.includes('UPDATE bounds')) throw new Error('disk I/O error');
        return exec.call(this, query, ...bindings);
      } as SqlStorage['exec'];
      try {
        expect(() => instance.purge(4)).toThrow('disk I/O error');
      } finally {
        prototype.exec = exec;
      }
    });
    await halfway(hook);
    expect(await placesOf(hook)).toEqual([3, 2, 1]);
    await hook.enqueue(storedEvent(4));
    expect(await hook.delivery(4)).toMatchObject({ sequence: 4 });
  });

  test('what is in flight stays, pending or not, and is recorded when it comes back', async () => {
    const box = new Mailbox();
    await box.answerWith({ kind: 'held', status: 200 });
    const hook = await openHook(box.url);
    await hook.enqueue(storedEvent(1));
    const wake = hook.wake();
    await box.letters(1);
    await hook.delete();
    expect(await hook.delivery(1)).toMatchObject({ status: 'cancelled', attempts: 0 });
    expect(await purge(hook, 2)).toEqual({ isDone: true, pending: [], pendingFrom: null });
    await box.release();
    await wake;
    expect(await hook.delivery(1)).toMatchObject({ status: 'cancelled', attempts: 1 });
    await halfway(hook);
    await purge(hook, 2);
    expect(await placesOf(hook)).toEqual([]);
  });

  test('each step is bounded, and the next call goes on with it', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url, { paused: true });
    await hook.inside((_instance, { storage }) => {
      storage.sql.exec(
        `WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < 23500)
         INSERT INTO deliveries (seq, event_id, sequence, position, state, created_at, type, source, bytes, kind, head, raw)
         SELECT seq, 'evt_' || seq, seq, seq, CASE WHEN seq <= 1500 OR seq > 23000 THEN 'delivered' ELSE 'ready' END, 0,
           'test.contact.updated', '/test/one', 100, 'whole', '{}', x'7b7d' FROM n`,
      );
    });
    await hook.evict();
    const steps: PurgeStep[] = [];
    do {
      const reading = await metered(hook, async () => {
        steps.push(await purge(hook, 23_400));
      });
      expect(reading.rowsRead).toBeLessThan(33_000);
      expect(reading.rowsWritten).toBeLessThan(1_010);
      await halfway(hook);
    } while (steps.at(-1)?.isDone === false);
    expect(steps).toHaveLength(4);
    const last = steps.at(-1);
    expect(last?.pending).toHaveLength(10_000);
    expect([last?.pending[0], last?.pendingFrom]).toEqual([1501, 11_501]);
    const left = await hook.inside((_instance, { storage }) =>
      storage.sql.exec(`SELECT count(*) AS ended FROM deliveries WHERE state = 'delivered'`).one(),
    );
    expect(left).toEqual({ ended: 101 });
  }, 30_000);

  test('an event of which nothing is left here is unknown to calls by hand', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await hook.enqueue(...storedEvents(1, 2));
    await hook.runDue();
    await purge(hook, 2);
    await halfway(hook);
    expect(await hook.inside((instance) => instance.retry(storedEvent(1)))).toBe('unknown');
    expect(await hook.inside((instance) => instance.delivery(1))).toBeNull();
    expect(await box.ids()).toEqual(idsOf(storedEvents(1, 2)));
  });
});
