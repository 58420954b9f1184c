/** What it costs to find who wants an event: by SQLite's own count, with many hooks that do not. */
import { evictDurableObject } from 'cloudflare:test';
import { expect, it } from 'vitest';
import { Wishes } from '../../../src/event-log/wishes.ts';
import { metered } from '../../support/objects.ts';
import type { Env } from '../../../src/env.ts';
import { openedLog, publishTo, type Log } from './log.ts';

const OTHERS = 100_000;
/** Five that no other hook has. */
const OWN = Array.from({ length: 5 }, (_, at) => `'own' || n || '.kind${at}.*'`);

/** Copies the first hook of the log. `patterns`: of the copy number `n`, as SQL. */
async function crowd(log: Log, count: number, patterns: readonly string[]): Promise<void> {
  await log.inside((_object, { storage: { sql } }) => {
    const numbers = `WITH RECURSIVE numbers (n) AS (SELECT 1001 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${1_000 + count})`;
    sql.exec(`${numbers} INSERT INTO hooks (id, version, config, secret, relay_host, created_at, updated_at)
      SELECT n, version, config, secret, relay_host, created_at, updated_at FROM numbers, hooks WHERE id = 1`);
    sql.exec(`${numbers} INSERT INTO hook_versions (hook_id, after_seq, events, format)
      SELECT n, 0, json_array(${patterns.join(', ')}), 'structured' FROM numbers`);
    for (const pattern of patterns) {
      sql.exec(`${numbers} INSERT INTO wish_patterns (is_past, pattern, source, hook_id, after_seq)
        SELECT 0, ${pattern}, '', n, 0 FROM numbers`);
    }
  });
}

/** What is read from the moment on at which nothing of the object is in memory. */
async function openingReads(log: Log): Promise<number> {
  await log.inside(() => undefined);
  await evictDurableObject(log.stub);
  return (await metered(log, () => log.inside((object) => object.hasSite()))).rowsRead;
}

/** What the log and its hooks read to bring one event to those that want it. */
async function eventReads(log: Log, type: string): Promise<number> {
  const reading = await metered(log, async () => {
    await log.inside((object) => publishTo(object, type));
    await log.settled();
  });
  const ofTheTest = reading.statements.filter(({ query }) => query.includes('FROM outbox) AS outbox'));
  return reading.rowsRead - ofTheTest.reduce((sum, { rowsRead }) => sum + rowsRead, 0);
}

it('A3: with 100,000 hooks of five patterns of their own the log opens, and finds who wants an event, by reading what it reads with three', async () => {
  const log = await openedLog();
  const wanting = [
    await log.pausedHook({ events: ['order.*'] }),
    await log.pausedHook({ events: ['*'] }),
    await log.pausedHook({ events: ['order.paid', '*.paid', 'order.*'] }),
  ];
  await eventReads(log, 'order.paid');
  const few = { opening: await openingReads(log), event: await eventReads(log, 'order.paid') };
  await crowd(log, OTHERS, OWN);
  const many = { opening: await openingReads(log), event: await eventReads(log, 'order.paid') };
  expect(many.opening).toBe(few.opening);
  expect(few.opening).toBeLessThan(40);
  // The queues hold one delivery more.
  expect(many.event).toBeLessThanOrEqual(few.event + wanting.length);
  expect(few.event).toBeLessThan(100);
  for (const id of wanting) expect(await log.queueOf(id)).toHaveLength(3);

  // One of the many is found among all others, and is all that is looked at.
  const { found } = await log.inside((_object, { storage }) => {
    const wishes = new Wishes(storage.sql);
    const event = {
      seq: 4,
      type: 'own77000.kind3.x',
      sourceId: null,
      subject: null,
      event: null,
      kind: 'json',
    } as const;
    return wishes.shares([event], 0, 40);
  });
  expect(found.map(({ hookId }) => hookId)).toEqual([2, 77_000]);

  // Explaining looks at those that wanted it, not at all.
  const explained = await metered(log, async () => {
    const id = await log.rows<{ id: string }>('SELECT id FROM events ORDER BY seq DESC LIMIT 1');
    const view = await log.inside((object) => object.getEvent(id[0]?.id ?? '', 0, 40));
    expect(view).toMatchObject({ deliveries: wanting.map((hookId) => ({ hookId })), nextHook: null });
  });
  expect(explained.rowsRead).toBeLessThan(100);
}, 60_000);

it('what hooks have wanted before, and hooks that are gone, cost an event nothing', async () => {
  const log = await openedLog();
  const id = await log.pausedHook({ events: ['order.paid'] });
  await eventReads(log, 'order.paid');
  const before = await eventReads(log, 'order.paid');
  for (let change = 0; change < 60; change += 1) {
    await log.patchHook(id, { events: change % 2 === 0 ? ['order.*', 'order.paid'] : ['order.paid'] });
    const other = await log.pausedHook({ events: ['order.paid'] });
    await log.inside((object) => publishTo(object, 'other.type'));
    await log.deleteHook(other);
  }
  // Each batch puts some of them aside.
  for (let batch = 0; batch < 4; batch += 1) await eventReads(log, 'other.type');
  await eventReads(log, 'order.paid');
  const after = await eventReads(log, 'order.paid');
  expect(after).toBeLessThanOrEqual(before + 3);
  const [rows] = await log.rows<{ past: number; live: number }>(
    'SELECT count(*) FILTER (WHERE is_past = 1) AS past, count(*) FILTER (WHERE is_past = 0) AS live FROM wish_patterns',
  );
  expect(rows).toEqual({ past: 60 + 60 + 30, live: 1 });
});

it('A13: what became of an event is told a page at a time, each hook once', async () => {
  const log = await openedLog();
  const ids: number[] = [];
  for (let made = 0; made < 90; made += 1) ids.push(await log.pausedHook());
  const event = await log.inside((object) => publishTo(object));
  await log.settled();
  const told: number[] = [];
  let pages = 0;
  for (let after: number | null = 0; after !== null; pages += 1) {
    const from: number = after;
    const view = await log.inside((object) => object.getEvent(event, from, 200));
    expect(view?.deliveries.length).toBeLessThanOrEqual(40);
    told.push(...(view?.deliveries.map(({ hookId }) => hookId) ?? []));
    after = view?.nextHook ?? null;
  }
  expect(told).toEqual(ids);
  expect(pages).toBe(3);
});

/** Hooks that take whatever they are handed. */
const takers = { getByName: () => ({ enqueue: () => Promise.resolve() }) } as unknown as Env['HOOK'];

/** What one wake reads of 200 events that so many hooks want. */
async function wakeReads(hooks: number): Promise<number> {
  const log = await openedLog();
  await log.pausedHook({ events: ['order.*'] });
  await log.settled();
  await crowd(log, hooks, [`'order.*'`]);
  await log.bind({ HOOK: takers });
  return log.inside(async (object, { storage }) => {
    storage.setAlarm = () => Promise.resolve();
    for (let at = 0; at < 200; at += 1) publishTo(object, at % 2 === 0 ? 'order.paid' : 'order.sent');
    await object.alarm();
    return (
      await metered({ inside: async (work) => work(object, { storage } as DurableObjectState) }, () =>
        object.alarm(),
      )
    ).rowsRead;
  });
}

it('A4: a wake looks at the hooks that it calls, and not at all that want what is in the log', async () => {
  const few = await wakeReads(1_000);
  const many = await wakeReads(10_000);
  expect(many).toBe(few);
  // The events themselves, and of each of 40 hooks where it stands and what it wants.
  expect(few).toBeLessThan(200 + 40 * 8);
});
