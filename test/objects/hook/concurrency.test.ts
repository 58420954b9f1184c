import { beforeEach, describe, expect, test, vi } from 'vitest';
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
} from '../../support/objects.ts';

beforeEach(() => clock.start());

const HELD = { kind: 'held' } as const;
const RETRY = { scheduleSeconds: [1, 60], jitter: 0 };

describe.each(LIVES)('$life', ({ halfway }) => {
  test.each([1, 2, 6])('up to %d subjects side by side, never more', async (concurrency) => {
    const box = new Mailbox();
    await box.answerWith(HELD);
    const hook = await openHook(box.url, { concurrency });
    await hook.enqueue(...storedEvents(1, 9));
    await halfway(hook);
    const wake = hook.wake();
    await box.letters(concurrency);
    await hook.enqueue(...storedEvents(10, 12));
    await box.answerWith({ status: 200, delayMs: 5 });
    await box.release();
    await wake;
    expect(await box.letters()).toHaveLength(12);
    expect(await box.maxInFlight()).toBe(concurrency);
  });

  test.each([
    ['subject', 2],
    ['fifo', 1],
    ['none', 6],
  ] as const)('%s: six of two subjects go %d wide', async (ordering, width) => {
    const box = new Mailbox();
    await box.answerWith(HELD);
    const hook = await openHook(box.url, { ordering, concurrency: 6 });
    const events = [1, 2, 3, 4, 5, 6].map((seq) => storedEvent(seq, { subject: seq % 2 ? 'a' : 'b' }));
    await hook.enqueue(...events);
    await halfway(hook);
    const wake = hook.wake();
    await box.letters(width);
    await box.answerWith({ status: 200, delayMs: 5 });
    await box.release();
    await wake;
    expect(await box.maxInFlight()).toBe(width);
    const ids = await box.ids();
    expect(ids.length).toBe(6);
    for (const subject of ['a', 'b']) {
      const own = events.filter((event) => event.subject === subject).map(({ id }) => id as string);
      if (ordering !== 'none') expect(ids.filter((id) => own.includes(id))).toEqual(own);
    }
  });

  test.each([
    ['subject', 2, [0, 0, 0]],
    ['none', 2, [0, 0, 0]],
    ['fifo', 2, [0, 1, 2]],
    ['subject', 1, [0, 1, 2]],
  ] as const)(
    '%s, %d at a time: of three so many are on disk when each leaves',
    async (ordering, concurrency, onDisk) => {
      const box = new Mailbox();
      await box.answerWith({ status: 200 }, { status: 200 }, { status: 200, delayMs: 50 });
      const hook = await openHook(box.url, { ordering, concurrency });
      await hook.enqueue(...storedEvents(1, 3));
      await halfway(hook);
      const counts: unknown[] = [];
      const send = await hook.inside((_hook, { storage: { sql } }) => {
        const real = globalThis.fetch;
        return vi.spyOn(globalThis, 'fetch').mockImplementation((...request) => {
          counts.push(sql.exec(`SELECT count(*) AS n FROM deliveries WHERE state = 'delivered'`).one().n);
          return real(...request);
        });
      });
      await hook.wake().finally(() => {
        send.mockRestore();
      });
      expect(counts).toEqual(onDisk);
      expect(await box.maxInFlight()).toBeLessThanOrEqual(concurrency);
      expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 3 });
    },
  );

  test('C6: what was set aside behind attempts that a crash cut off goes out in order', async () => {
    const box = new Mailbox();
    await box.answerWith(HELD);
    const hook = await openHook(box.url, { concurrency: 6 });
    const events = [1, 2, 3, 4].map((seq) => storedEvent(seq, { subject: seq % 2 ? 'a' : 'b' }));
    await hook.enqueue(...events);
    const wake = hook.wake().catch(() => false);
    await box.letters(2);
    expect(await hook.delivery(3)).toMatchObject({ waiting: { reason: 'order' } });
    await hook.crash();
    await wake;
    await box.release();
    await halfway(hook);
    await box.answerWith({ status: 200 });
    await hook.runAll();
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 4 });
    const [first, second, third, fourth] = idsOf(events);
    const again = (await box.ids()).slice(2);
    expect(again.indexOf(first ?? '')).toBeLessThan(again.indexOf(third ?? ''));
    expect(again.indexOf(second ?? '')).toBeLessThan(again.indexOf(fourth ?? ''));
  });

  test('C6: a retry behind attempts that another ordering put into its lane goes out after a crash cut them off', async () => {
    const box = new Mailbox();
    await box.answerWith(HELD, { status: 500 });
    const hook = await openHook(box.url, { ordering: 'none', concurrency: 2, retry: RETRY });
    await hook.enqueue(...storedEvents(1, 2, 'a'));
    const wake = hook.wake().catch(() => false);
    await box.letters(2);
    await expect.poll(async () => (await hook.delivery(1)).state).toBe('retrying');
    await hook.patch({ ordering: 'subject' });
    clock.advance(1000);
    await hook.enqueue(storedEvent(3, { subject: 'a' }));
    await expect.poll(async () => (await hook.delivery(1)).state).toBe('waiting');
    await hook.crash();
    await wake;
    await box.release();
    await halfway(hook);
    await box.answerWith({ status: 200 });
    await hook.runAll();
    expect((await box.ids()).slice(2)).toEqual(idsOf(storedEvents(1, 3)));
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 3 });
  });

  test('what was set aside behind a first try goes on, also when that could not be written down at once', async () => {
    const box = new Mailbox();
    await box.answerWith(HELD, { status: 500 }, { status: 200 });
    const hook = await openHook(box.url, { concurrency: 3, retry: RETRY });
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    await hook.enqueue(storedEvent(2));
    await hook.wake();
    await hook.enqueue(...storedEvents(3, 4, 'a'));
    const wake = hook.wake();
    await box.letters(3);
    clock.advance(1000);
    await hook.enqueue(storedEvent(5));
    await box.letters(5);
    expect(await hook.delivery(4)).toMatchObject({ state: 'waiting' });
    await hook.inside((_instance, { storage: { sql } }) => {
      sql.exec(
        `CREATE TRIGGER broken BEFORE UPDATE OF state ON deliveries WHEN old.state = 'waiting' AND new.state = 'ready'
         BEGIN SELECT raise(ABORT, 'broken'); END`,
      );
    });
    await box.release();
    await wake;
    await hook.inside((_instance, { storage: { sql } }) => {
      sql.exec('DROP TRIGGER broken');
    });
    await box.answerWith({ status: 200 });
    await halfway(hook);
    await hook.runAll();
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 5 });
  });

  test.each(['answered', 'cut off by a crash'])(
    'what was expunged in flight holds back its subject no more: %s',
    async (end) => {
      const box = new Mailbox();
      await box.answerWith({ status: 200 }, HELD, HELD);
      const hook = await openHook(box.url, { concurrency: 2 });
      await hook.enqueue(...storedEvents(1, 3, 'a'));
      const wake = hook.wake().catch(() => false);
      await box.letters(1);
      await hook.inside((instance) => instance.expunge(1));
      await box.letters(2);
      if (end !== 'answered') await hook.crash();
      await box.release();
      await wake;
      await halfway(hook);
      await hook.runAll();
      expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 2 });
    },
  );
});

test('a new event of a free subject goes out at once while an attempt hangs, one of its own subject waits', async () => {
  const box = new Mailbox();
  await box.answerWith({ status: 200 }, HELD);
  const hook = await openHook(box.url, { concurrency: 2 });
  await hook.enqueue(storedEvent(1, { subject: 'a' }));
  const wake = hook.wake();
  await box.letters(1);
  const [same, free] = [storedEvent(2, { subject: 'a' }), storedEvent(3, { subject: 'b' })];
  await hook.enqueue(same, free);
  expect((await box.ids(2)).slice(1)).toEqual(idsOf([free]));
  await box.release();
  await wake;
  expect((await box.ids(3)).slice(2)).toEqual(idsOf([same]));
});

test('a retry that falls due goes out while another attempt hangs', async () => {
  const box = new Mailbox();
  await box.answerWith({ status: 200 }, { status: 500 }, HELD);
  const hook = await openHook(box.url, { concurrency: 2, retry: RETRY });
  const [failing, hanging] = storedEvents(1, 2);
  if (failing === undefined || hanging === undefined) throw new Error('no events');
  await hook.enqueue(failing);
  await hook.wake();
  await hook.enqueue(hanging);
  const wake = hook.wake();
  await box.letters(2);
  clock.advance(1000);
  expect((await box.ids(3))[2]).toBe(failing.id);
  await box.release();
  await wake;
});

test('a wait that the receiver asked for ends while another attempt hangs', async () => {
  const box = new Mailbox();
  await box.answerWith({ status: 200 }, HELD, { status: 429, headers: { 'retry-after': '1' } });
  const hook = await openHook(box.url, { concurrency: 2, retry: RETRY });
  await hook.enqueue(...storedEvents(1, 2));
  const wake = hook.wake();
  await box.letters(2);
  await expect.poll(async () => (await hook.delivery(2)).attempts).toBe(1);
  clock.advance(1000);
  expect((await box.ids(3)).slice(2)).toEqual([storedEvent(2).id]);
  await box.release();
  await wake;
});

test.each(['none', 'subject', 'fifo'] as const)(
  'an ordering that changes under an attempt holds for what comes in meanwhile (from %s)',
  async (from) => {
    const box = new Mailbox();
    await box.answerWith({ status: 200, delayMs: 5 }, HELD);
    const hook = await openHook(box.url, { ordering: from, concurrency: 6 });
    await hook.enqueue(storedEvent(1, { subject: 'a' }));
    const wake = hook.wake();
    await box.letters(1);
    await hook.patch({ ordering: from === 'fifo' ? 'subject' : 'fifo' });
    await hook.patch({ ordering: from === 'none' ? 'subject' : 'fifo' });
    await hook.enqueue(storedEvent(2, { subject: 'a' }), storedEvent(3, { subject: 'a' }));
    expect(await box.letters()).toHaveLength(1);
    await box.release();
    await wake;
    expect(await box.ids()).toEqual(idsOf(storedEvents(1, 3)));
    expect(await box.maxInFlight()).toBe(1);
  },
);

test('C5: with concurrency 1 nothing overlaps, however alarms, retries, hand retries and enqueues mix', async () => {
  const box = new Mailbox();
  await box.answerWith(
    { status: 200, delayMs: 2 },
    ...[500, 500, 200, 500].map((status) => ({ status, delayMs: 2 })),
  );
  const hook = await openHook(box.url, { ordering: 'none', retry: RETRY });
  await hook.enqueue(...storedEvents(1, 5));
  const wakes = [hook.wake()];
  for (let turn = 1; turn <= 10; turn += 1) {
    await hook.enqueue(...storedEvents(turn * 10, turn * 10 + 3));
    await hook.inside((instance) => instance.retry(storedEvent(turn % 5 || 5)));
    clock.advance(500);
    wakes.push(hook.wake());
  }
  await Promise.all(wakes);
  await hook.runAll();
  expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 45 });
  expect(await box.maxInFlight()).toBe(1);
});

test('behind 99,900 blocked subjects each take reads a few rows, six side by side', async () => {
  const box = new Mailbox();
  await box.answerWith(HELD);
  const hook = await openHook(box.url, { concurrency: 6 });
  await hook.inside((_instance, { storage }) => {
    storage.sql.exec(
      `WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < 99900)
       INSERT INTO deliveries (seq, event_id, sequence, position, lane, state, retry_at, created_at, type, source, bytes,
         kind, head, raw)
       SELECT seq, 'evt_' || seq, seq, seq, 's' || seq, 'retrying', ? + seq, ?, 'test.contact.updated', '/test/one', 100,
         'whole', '{}', x'7b7d' FROM n`,
      START_MS + 86_400_000,
      START_MS,
    );
  });
  await hook.evict();
  await hook.enqueue(...storedEvents(200_001, 200_012));
  const reading = await metered(hook, async () => {
    const wake = hook.wake();
    await box.letters(6);
    await box.answerWith({ status: 200 });
    await box.release();
    await wake;
  });
  expect(await box.letters()).toHaveLength(12);
  const takes = reading.statements.filter(({ query }) => query.includes('is_behind'));
  expect(Math.max(...takes.map(({ rowsRead }) => rowsRead))).toBeLessThan(30);
  expect(reading.rowsRead / 12).toBeLessThan(60);
}, 30_000);
