/** Retry and cancel of many deliveries of a hook at once, in virtual time, and over a backlog of any size. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HookConfig } from '../../src/core/hook-config.ts';
import { parsePattern } from '../../src/core/pattern.ts';
import { DEFAULT_RETRY_POLICY } from '../../src/core/schedule.ts';
import type { Selection } from '../../src/hook/selection.ts';
import { PendingWalk } from '../../src/hook/pending-walk.ts';
import { HOOK_MIGRATIONS } from '../../src/hook/schema.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { Simulation, useVirtualTime, type Receiver } from '../support/engine-simulation.ts';
import { Sqlite } from '../support/sqlite.ts';

vi.mock('../../src/switchboard/switches.ts', () => ({
  switchesNow: () => Promise.resolve({ delivery: 'open' }),
}));

const MINUTE_MS = 60_000;
const HOUR = { ...DEFAULT_RETRY_POLICY, scheduleSeconds: [3600, 3600], jitter: 0 };
const NO_RETRY = { ...DEFAULT_RETRY_POLICY, scheduleSeconds: [] };
const ALL: Selection = { types: null, subject: null, beforeMs: null };

let simulation: Simulation | undefined;
beforeEach(useVirtualTime);
afterEach(() => {
  simulation?.close();
  simulation = undefined;
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const start = async (receiver: Receiver, config: Partial<HookConfig> = { retry: HOUR }, most = 100_000) => {
  simulation = await Simulation.start(receiver, config, most);
  return simulation;
};

async function accept(run: Simulation, ...subjects: (string | null)[]): Promise<number[]> {
  const seqs: number[] = [];
  for (const subject of subjects) seqs.push(await run.accept('a.one', subject));
  return seqs;
}

const arrived = (run: Simulation) => run.seen.filter(({ status }) => status === 200).map(({ seq }) => seq);
const patterns = (...texts: string[]) =>
  texts.map((text) => {
    const reading = parsePattern(text);
    if (!reading.ok) throw new Error(reading.expected);
    return reading.pattern;
  });

describe('retry of what is pending', () => {
  test('all of it goes out at once and in order, whatever pause or hold there was', async () => {
    const run = await start(() => ({ status: 503, headers: { 'retry-after': '7200' } }));
    const seqs = await accept(run, 'a', 'b', null, 'd', 'e', 'f', 'g');
    await run.run(10 * MINUTE_MS);
    run.receiver = () => 200;
    expect(await run.retryAll()).toEqual({ queued: 7 });
    await run.run(1_000);
    expect(arrived(run)).toEqual(seqs);
  });

  test('a receiver that is still down gets one request, and the probes go on', async () => {
    const run = await start(() => 500);
    await accept(run, 'a', 'b', 'c', 'd', 'e', 'f');
    await run.run(30 * MINUTE_MS);
    const before = run.seen.length;
    expect(await run.retryAll()).toEqual({ queued: 6 });
    await run.run(900);
    expect(run.seen.length - before).toBe(1);
  });

  test('of a hook that is not failing nothing but what is selected goes out', async () => {
    const run = await start(() => 422);
    const [a, b] = await accept(run, 'a', 'b');
    await run.run(MINUTE_MS);
    run.receiver = () => 200;
    expect(await run.retryAll({ subject: 'b' })).toEqual({ queued: 1 });
    await run.run(MINUTE_MS);
    expect(arrived(run)).toEqual([b]);
    await run.run(60 * MINUTE_MS);
    expect(arrived(run)).toEqual([b, a]);
  });

  test.each(['subject', 'fifo'] as const)(
    'what waits in a %s lane goes out behind its head, which goes first though it is of another type',
    async (ordering) => {
      const run = await start(() => 422, { retry: HOUR, ordering });
      const head = await run.accept('other', 's');
      const behind = await run.accept('a.one', 's');
      await run.run(MINUTE_MS);
      run.receiver = () => 200;
      expect(await run.retryAll({ types: patterns('a.*') })).toEqual({ queued: 1 });
      await run.run(1_000);
      expect(arrived(run)).toEqual([head, behind]);
    },
  );

  test('it is refused while the hook is paused, and asks for no delivery where none is selected', async () => {
    const run = await start(() => ({ status: 503, headers: { 'retry-after': '7200' } }));
    await accept(run, 'a');
    await run.run(1_000);
    expect(await run.process.hook.retryAll({ ...ALL, subject: 'z' }, 'pending')).toEqual({ queued: 0 });
    expect(run.process.hook.runtime().waiting).toMatchObject({ reason: 'retry-after' });
    run.change({ paused: true });
    expect(await run.process.hook.retryAll(ALL, 'pending')).toBe('paused');
    expect(await run.process.hook.retryAll(ALL, 'held')).toBe('paused');
  });
});

describe('retry of what has ended', () => {
  test('it joins its lane again, in the order of the log, as one that was asked for by hand', async () => {
    const run = await start(() => 500, { retry: NO_RETRY });
    const seqs = await accept(run, 's', 's', 's', 't');
    await run.run(10 * MINUTE_MS);
    expect(run.process.hook.runtime()).toMatchObject({ dead: 4, pending: 0 });
    run.receiver = () => 200;
    expect(await run.retryAll({}, 'dead')).toEqual({ queued: 4 });
    expect(run.process.hook.runtime()).toMatchObject({ dead: 0, pending: 4 });
    await run.run(10 * MINUTE_MS);
    expect(arrived(run)).toEqual(seqs);
    expect(await run.retryAll({}, 'dead')).toEqual({ queued: 0 });
  });

  test('only of the types and the status that are asked for', async () => {
    const run = await start(() => 500, { retry: NO_RETRY });
    await run.accept('a.one', null);
    const b = await run.accept('b.two', null);
    await run.run(10 * MINUTE_MS);
    run.receiver = () => 200;
    const delivered = await run.accept('b.two', null);
    await run.run(MINUTE_MS);
    expect(await run.retryAll({ types: patterns('b.*') }, 'dead')).toEqual({ queued: 1 });
    await run.run(MINUTE_MS);
    expect(arrived(run)).toEqual([delivered, b]);
    expect(await run.retryAll({}, 'delivered')).toEqual({ queued: 2 });
    await run.run(MINUTE_MS);
    expect(arrived(run)).toEqual([delivered, b, b, delivered]);
    expect(run.process.hook.runtime()).toMatchObject({ dead: 1, delivered: 2 });
  });

  test('as many as the queue has room for', async () => {
    const run = await start(() => 500, { retry: NO_RETRY }, 3);
    for (let event = 0; event < 5; event += 1) {
      await run.accept('a.one', `s${event}`);
      await run.run(10 * MINUTE_MS);
    }
    run.receiver = () => ({ status: 503, headers: { 'retry-after': '7200' } });
    expect(await run.retryAll({}, 'dead')).toEqual({ queued: 3 });
    expect(await run.process.hook.retryAll(ALL, 'dead')).toBe('queue-full');
  });
});

describe('cancel', () => {
  test('ends what is selected and not under way; what waited behind it goes on', async () => {
    let isWell = false;
    const run = await start(({ subject }) => (subject === 'out' ? null : isWell ? 200 : 422), {
      retry: HOUR,
      concurrency: 2,
    });
    await accept(run, 's', 's', 't', null);
    await run.run(1_000);
    const later = Date.now();
    await run.run(1_000);
    const [last] = await accept(run, 's');
    await accept(run, 'out');
    isWell = true;
    expect(await run.cancelAll({ beforeMs: later, subject: 's' })).toBe(2);
    await run.run(1_000);
    expect(arrived(run)).toEqual([last]);
    // The one that is under way is not among them.
    expect(await run.cancelAll()).toBe(2);
    expect(run.process.hook.runtime()).toMatchObject({ pending: 1, delivered: 1 });
  });

  test('it may be asked for while the hook is paused: then nothing of it goes out', async () => {
    const run = await start(() => 200);
    run.change({ paused: true });
    await accept(run, 'a', 'a', null);
    expect(await run.cancelAll()).toBe(3);
    run.change({ paused: false });
    await run.run(MINUTE_MS);
    expect(run.seen).toEqual([]);
    expect(run.process.hook.runtime()).toMatchObject({ pending: 0, delivered: 0 });
  });
});

describe('a long backlog', () => {
  const COUNT = 30_000;
  /** Half of them retry in no lane; the others are one lane behind a retry, or ready. */
  const fill = (run: Simulation) => {
    run.process.sql.exec(
      `INSERT INTO deliveries (seq, event_id, sequence, position, lane, state, retry_at, created_at, type, subject,
         source, bytes, kind, head, raw)
       SELECT value, 'evt_' || value, value, value,
         CASE value % 4 WHEN 0 THEN 's' END,
         CASE value % 4 WHEN 0 THEN iif(value = 4, 'retrying', 'waiting') WHEN 1 THEN 'ready' ELSE 'retrying' END,
         CASE WHEN value % 4 > 1 OR value = 4 THEN ? + value END, ?, 'a.one', 's', '/s', 10, 'json', '{', x'7b7d'
       FROM (WITH RECURSIVE places (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM places LIMIT ?)
         SELECT value FROM places)`,
      Date.now() + 3_600_000,
      Date.now(),
      COUNT,
    );
    return run.process.crash();
  };
  const pending = (run: Simulation) => run.process.hook.runtime().pending;

  test('is cancelled in steps, between which other calls are answered; what a death has left the next call ends', async () => {
    const run = await start(() => null, { paused: true });
    await fill(run);
    const died = run.process.hook.cancelAll(ALL).catch((error: unknown) => String(error));
    const seen: number[] = [];
    for (let turns = 0; turns < 20; turns += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(pending(run));
    }
    await run.process.crash();
    expect(await died).toContain('died');
    const largestStep = Math.max(...seen.map((left, at) => (seen[at - 1] ?? COUNT) - left));
    expect(largestStep).toBeLessThanOrEqual(750);
    const left = pending(run);
    expect(left).toBeLessThan(COUNT);
    expect(left).toBeGreaterThan(COUNT / 2);
    expect(await run.process.hook.cancelAll(ALL)).toBe(left);
    expect(pending(run)).toBe(0);
  });

  test('is made due in steps', async () => {
    const run = await start(() => null);
    await fill(run);
    const retried = run.process.hook.retryAll(ALL, 'pending');
    const turn = () => new Promise<'turn'>((resolve) => setImmediate(() => resolve('turn')));
    let turns = 0;
    while ((await Promise.race([retried, turn()])) === 'turn') turns += 1;
    expect(turns).toBeGreaterThan(COUNT / 1_000);
    // One is under way at most when the first step has made them due.
    expect((await retried) as { queued: number }).toEqual({ queued: expect.closeTo(COUNT, -1) as number });
    const { late } = run.process.sql
      .exec<{ late: number }>(
        `SELECT count(*) AS late FROM deliveries WHERE state = 'retrying' AND retry_at > ?`,
        Date.now(),
      )
      .one();
    expect(late).toBe(0);
  });

  test('no step reads more of it than its limit: each is answered by an index, from where the last one ended', () => {
    const disk = new Sqlite();
    migrate(disk.storage, HOOK_MIGRATIONS);
    const plans: string[] = [];
    const sql = {
      exec: (query: string, ...bound: SqlStorageValue[]) => {
        plans.push(...disk.planOf(query, ...bound));
        return disk.sql.exec(query, ...bound);
      },
    } as unknown as SqlStorage;
    disk.sql.exec(
      `INSERT INTO deliveries (seq, event_id, position, lane, state, retry_at, created_at, type, source, bytes)
       VALUES (1, 'a', 1, NULL, 'ready', NULL, 0, 't', '', 0), (2, 'b', 2, 'l', 'retrying', 5, 0, 't', '', 0),
         (3, 'c', 3, 'l', 'waiting', NULL, 0, 't', '', 0), (4, 'd', 4, NULL, 'retrying', 5, 0, 't', '', 0),
         (5, 'e', 5, NULL, 'ready', NULL, 0, 't', '', 0)`,
    );
    const found: number[] = [];
    const walk = new PendingWalk(sql, 4);
    for (let part = walk.next(1); part !== null; part = walk.next(1))
      found.push(...part.pending.map(({ seq }) => seq));
    // 5 came after the walk had begun.
    expect(found).toEqual([3, 2, 4, 1]);
    expect(new Set(plans)).toEqual(
      new Set([
        'SEARCH deliveries USING INDEX deliveries_ready (position<?)',
        'SEARCH deliveries USING INDEX deliveries_held_back (lane>?)',
        'SEARCH deliveries USING INDEX deliveries_held_back (lane>? AND (lane,position)<(?,?))',
        'SEARCH deliveries USING INDEX deliveries_retrying ((retry_at,position)>(?,?))',
      ]),
    );
    disk.db.close();
  });
});
