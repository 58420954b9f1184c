import { beforeEach, describe, expect, test } from 'vitest';
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
  type Reading,
} from '../../support/objects.ts';

beforeEach(() => clock.start());

const RETRY = { scheduleSeconds: [60, 60], jitter: 0 };
const HUGE = 5000;

describe.each(LIVES)('$life', ({ halfway }) => {
  const limit = async (hook: HookUnderTest, limits: { deliveries?: number; bytes?: number }) =>
    hook.inside((instance) => void Object.assign(instance.queueLimits, limits));

  test('a full queue leaves a trace without a number, and takes events again when there is room', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url, { paused: true });
    await limit(hook, { deliveries: 2 });
    await hook.enqueue(...storedEvents(1, 4));
    await halfway(hook);
    await limit(hook, { deliveries: 2 });
    expect(await hook.stub.runtime()).toMatchObject({ pending: 2, delivered: 0 });
    for (const seq of [3, 4]) {
      expect(await hook.delivery(seq)).toMatchObject({
        status: 'skipped',
        reason: 'queue-full',
        sequence: null,
        finishedAtMs: START_MS,
      });
    }
    await hook.patch({ paused: false });
    await hook.runDue();
    await hook.enqueue(...storedEvents(3, 6));
    await hook.runDue();
    expect((await box.letters()).map(({ headers }) => headers['posthorn-sequence'])).toEqual([
      '1',
      '2',
      '3',
      '4',
    ]);
    expect(await hook.delivery(3)).toMatchObject({ status: 'skipped', reason: 'queue-full' });
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 4 });
  });

  test('bytes are limited too: what fits exactly is taken, one more byte is not', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url, { paused: true });
    const [first, second] = storedEvents(1, 2);
    if (first === undefined || second === undefined) throw new Error('no events');
    const bytes = first.raw.byteLength + first.head.length + second.raw.byteLength + second.head.length;
    await limit(hook, { bytes });
    await hook.enqueue(first, second);
    await halfway(hook);
    await limit(hook, { bytes });
    await hook.enqueue(storedEvent(3));
    expect(await hook.delivery(2)).toMatchObject({ status: 'held' });
    expect(await hook.delivery(3)).toMatchObject({ status: 'skipped', reason: 'queue-full' });
    await hook.patch({ paused: false });
    await hook.runDue();
    await hook.enqueue(storedEvent(4));
    expect(await hook.delivery(4)).toMatchObject({ status: 'pending' });
  });

  test('an event offered again changes nothing, whatever has become of it', async () => {
    const box = new Mailbox();
    await box.answerStatuses(200, 400, 500);
    const hook = await openHook(box.url, { retry: { ...RETRY, giveUpOn: [400] } });
    await hook.enqueue(...storedEvents(1, 3));
    await hook.runDue();
    await hook.patch({ paused: true });
    await hook.enqueue(storedEvent(4));
    await halfway(hook);
    const before = await hook.inside((instance) => instance.deliveries(null, null, 10).views);
    expect(before.map(({ status }) => status)).toEqual(['held', 'held', 'dead', 'delivered']);
    const reading = await metered(hook, () => hook.enqueue(...storedEvents(1, 4)));
    expect(reading.rowsWritten).toBe(0);
    expect(await hook.inside((instance) => instance.deliveries(null, null, 10).views)).toEqual(before);
  });

  test('the payload leaves the row when the delivery has ended, not before', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500, 400, 200);
    const hook = await openHook(box.url, { retry: { ...RETRY, giveUpOn: [400] } });
    await hook.enqueue(...storedEvents(1, 3));
    await hook.runDue();
    await halfway(hook);
    const payloads = () =>
      hook.inside((_instance, { storage }) =>
        storage.sql
          .exec<{ seq: number; kept: number }>(
            `SELECT seq, (head IS NOT NULL) + (raw IS NOT NULL) + (kind IS NOT NULL) + (content_type IS NOT NULL) AS kept
             FROM deliveries ORDER BY seq`,
          )
          .toArray()
          .map(({ kept }) => kept),
      );
    expect(await payloads()).toEqual([4, 0, 0]);
    await hook.delete();
    expect(await payloads()).toEqual([0, 0, 0]);
  });

  test('of a delivery with many attempts the last 25 are kept', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 410 });
    const hook = await openHook(box.url);
    await hook.enqueue(storedEvent(1));
    for (let attempt = 1; attempt <= 52; attempt += 1) {
      await hook.runDue();
      await hook.inside((instance) => instance.enable());
      if (attempt === 30) await halfway(hook);
    }
    const { attempts, attemptLog } = await hook.delivery(1);
    expect(attempts).toBe(52);
    expect(attemptLog.map(({ number }) => number)).toEqual(Array.from({ length: 25 }, (_, at) => at + 28));
  });

  test('lists are newest first, by status, before a place', async () => {
    const box = new Mailbox();
    await box.answerStatuses(200, 400, 500, 400);
    const hook = await openHook(box.url, { retry: { ...RETRY, giveUpOn: [400] } });
    await hook.enqueue(...storedEvents(1, 4));
    await hook.runDue();
    await halfway(hook);
    const seqs = (
      status: 'dead' | 'delivered' | 'pending' | 'held' | null,
      before: number | null,
      limit: number,
    ) => hook.inside((instance) => instance.deliveries(status, before, limit).views.map(({ seq }) => seq));
    expect(await seqs(null, null, 10)).toEqual([4, 3, 2, 1]);
    expect(await seqs(null, 4, 2)).toEqual([3, 2]);
    expect(await seqs('dead', null, 10)).toEqual([4, 2]);
    expect(await seqs('dead', 4, 10)).toEqual([2]);
    expect(await seqs('pending', null, 10)).toEqual([3]);
    expect(await seqs('held', null, 10)).toEqual([]);
    await hook.patch({ paused: true });
    expect(await seqs('pending', null, 10)).toEqual([]);
    expect(await seqs('held', null, 10)).toEqual([3]);
  });
});

describe('rows', () => {
  test('an event that goes out at the first try writes 4 rows, its alarm included', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    const reading = await metered(hook, async () => {
      await hook.enqueue(storedEvent(2));
      await hook.wake();
    });
    expect(await box.letters()).toHaveLength(2);
    expect(reading.rowsWritten + reading.alarmsSet).toBeLessThanOrEqual(4);
    console.info(`a lone delivery: ${reading.rowsWritten} rows, ${reading.alarmsSet} alarm`);
  });

  test('a retry that fails writes 3 rows: delivery, its place among the retries, alarm', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 500 });
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    clock.advance(60_000);
    const reading = await metered(hook, () => hook.wake());
    expect(await box.letters()).toHaveLength(2);
    expect(reading.rowsWritten + reading.alarmsSet).toBe(3);
  });

  test('100 events in one go write 3 rows each', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    // The first of an hour writes the row of the hour.
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    const reading = await metered(hook, async () => {
      await hook.enqueue(...storedEvents(2, 101, 'a'));
      await hook.wake();
    });
    expect(await box.letters()).toHaveLength(101);
    expect(reading.rowsWritten + reading.alarmsSet).toBeLessThanOrEqual(301);
  });
});

/** 10,000 subjects of 9 deliveries each behind a retry that is a day away, and 10,000 that were delivered. */
async function fill(hook: HookUnderTest): Promise<void> {
  await hook.inside((_instance, { storage }) => {
    storage.sql.exec(
      `WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < 100000)
       INSERT INTO deliveries (seq, event_id, sequence, position, lane, state, retry_at, created_at, type, source, bytes,
         kind, head, raw)
       SELECT seq, 'evt_' || seq, seq, seq,
         CASE WHEN seq > 90000 THEN NULL ELSE '/test/one' || char(10) || 's' || (seq % 10000) END,
         CASE WHEN seq > 90000 THEN 'delivered' WHEN seq <= 10000 THEN 'retrying' ELSE 'waiting' END,
         CASE WHEN seq <= 10000 THEN ? + seq END,
         ?, 'test.contact.updated', '/test/one', 100,
         CASE WHEN seq <= 90000 THEN 'whole' END, CASE WHEN seq <= 90000 THEN '{}' END,
         CASE WHEN seq <= 90000 THEN x'7b7d' END
       FROM n`,
      START_MS + 86_400_000,
      START_MS,
    );
  });
  await hook.evict();
}

function perRun(reading: Reading, part: string): number {
  const runs = reading.statements.filter(({ query }) => query.includes(part));
  return runs.reduce((rows, { rowsRead }) => rows + rowsRead, 0) / runs.length;
}

describe('at 100,000 rows and 10,000 blocked subjects', () => {
  test('queueing, choosing, sending and settling read a few rows', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await fill(hook);
    const opening = await metered(hook, () => hook.evict().then(() => hook.inside(() => undefined)));
    expect(await hook.stub.runtime()).toMatchObject({ pending: 90_000, delivered: 10_000 });

    const blocked = await metered(hook, () => hook.enqueue(storedEvent(HUGE + 100_001, { subject: 's7' })));
    const free = await metered(hook, () => hook.enqueue(storedEvent(HUGE + 100_002)));
    expect(await hook.delivery(HUGE + 100_001)).toMatchObject({ state: 'waiting' });
    expect(blocked.rowsRead).toBeLessThan(30);
    expect(free.rowsRead).toBeLessThan(30);

    const sending = await metered(hook, () => hook.wake());
    expect(await box.letters()).toHaveLength(1);
    expect(sending.rowsRead).toBeLessThan(60);

    await box.answerWith({ status: 500 });
    clock.set(START_MS + 86_400_000 + 10);
    const failing = await metered(hook, () => hook.wake());
    expect(await box.letters()).toHaveLength(11);
    expect(failing.rowsRead / 10).toBeLessThan(30);

    await box.answerWith({ status: 200 }, ...Array.from({ length: 10 }, () => ({ status: 200 })));
    const nextAlarm = await hook.alarmAt();
    expect(nextAlarm).toBe(START_MS + 86_400_000 + 11);

    // Looked up when the object woke, and once more for each retry.
    expect(perRun(opening, 'is_behind')).toBeLessThan(10);
    expect(perRun(failing, 'is_behind')).toBeLessThan(10);
    console.info(
      'rows read:',
      JSON.stringify({
        opening: opening.rowsRead,
        enqueueBlocked: blocked.rowsRead,
        enqueueFree: free.rowsRead,
        lookAndSendOne: sending.rowsRead,
        eachFailing: failing.rowsRead / 10,
        next: perRun(opening, 'is_behind'),
      }),
    );
  }, 30_000);

  test('an object that wakes reads what is pending, not what has ended', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await fill(hook);
    await hook.inside((_instance, { storage }) => {
      storage.sql.exec(
        `UPDATE deliveries SET state = 'delivered', lane = NULL, kind = NULL, head = NULL, raw = NULL WHERE seq > 20`,
      );
    });
    const opening = await metered(hook, () => hook.evict().then(() => hook.inside(() => undefined)));
    expect(opening.rowsRead).toBeLessThan(200);
    expect(await hook.stub.runtime()).toMatchObject({ pending: 20, delivered: 99_980 });
  }, 30_000);

  test('20,000 ready behind one that fails are set aside once, a thousand in a turn', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500);
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.inside((_instance, { storage }) => {
      storage.sql.exec(
        `WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < 20000)
         INSERT INTO deliveries (seq, event_id, sequence, position, lane, state, created_at, type, source, bytes, kind,
           head, raw)
         SELECT seq, 'evt_' || seq, seq, seq, 'one', 'ready', ?, 'test.contact.updated', '/test/one', 100, 'whole', '{}',
           x'7b7d' FROM n`,
        START_MS,
      );
    });
    await hook.evict();
    const turns: number[] = [];
    while ((turns.at(-1) ?? Infinity) > 60 && turns.length < 40) {
      turns.push((await metered(hook, () => hook.wake())).rowsRead);
    }
    expect(await box.letters()).toHaveLength(1);
    expect(Math.max(...turns)).toBeLessThan(30_000);
    expect(turns.reduce((sum, rowsRead) => sum + rowsRead, 0) / 20_000).toBeLessThan(10);
    expect(turns.at(-1)).toBeLessThan(60);
  }, 30_000);

  test('each statement on the way of a delivery uses an index', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500, 200);
    const hook = await openHook(box.url, { retry: RETRY });
    await fill(hook);
    const reading = await metered(hook, async () => {
      await hook.evict();
      await hook.enqueue(
        storedEvent(HUGE + 100_001, { subject: 's7' }),
        ...storedEvents(200_001, 200_003, 'a'),
      );
      await hook.wake();
      clock.advance(60_000);
      await hook.wake();
      await hook.stub.runtime();
    });
    const statements = new Map(
      reading.statements.filter(({ query }) => query.includes('deliveries')).map((one) => [one.query, one]),
    );
    const plans = await hook.inside((_instance, { storage }) =>
      [...statements.values()].map(({ query, bindings }) => ({
        query,
        plan: storage.sql
          .exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`, ...bindings)
          .toArray()
          .map(({ detail }) => detail),
      })),
    );
    const planOf = (part: string) => plans.find(({ query }) => query.includes(part))?.plan.join('; ');

    for (const { query, plan } of plans) {
      const tables = plan.filter((detail) => /^(SCAN|SEARCH) (deliveries|ahead)\b/.test(detail));
      if (!query.startsWith('INSERT')) expect(tables, query).not.toHaveLength(0);
      // By the primary key alone: the newest row with a number, and the newest that was delivered.
      if (/ORDER BY seq DESC LIMIT 1/.test(query)) continue;
      for (const detail of tables)
        expect(detail, query).toMatch(/USING (COVERING )?(INDEX|INTEGER PRIMARY KEY)/);
    }
    const lookAhead = planOf('AS is_behind FROM deliveries AS first');
    expect(lookAhead).toMatch(/SCAN first USING INDEX deliveries_ready/);
    const choose = planOf('SELECT seq, lane, state, first.lane');
    expect(choose).toMatch(/SEARCH deliveries USING INDEX deliveries_retrying/);
    expect(choose).toMatch(/SCAN deliveries USING INDEX deliveries_ready/);
    for (const plan of [lookAhead, choose])
      expect(plan).toMatch(/SEARCH ahead USING INDEX deliveries_held_back \(lane=\? AND position<\?\)/);
    expect(planOf('SELECT 1 FROM deliveries WHERE lane = ?')).toMatch(
      /INDEX deliveries_held_back \(lane=\?\)/,
    );
    expect(planOf(`WHERE state = 'waiting' AND seq = (`)).toMatch(
      /SEARCH deliveries USING INDEX deliveries_held_back \(lane=\?\)/,
    );
    expect(
      plans.flatMap(({ plan }) => plan).filter((detail) => /TEMP B-TREE/.test(detail)).length,
    ).toBeLessThanOrEqual(1);
  }, 30_000);
});
