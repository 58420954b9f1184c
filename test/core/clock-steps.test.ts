/** B7: a clock that is set back by ten minutes makes nothing wait longer than its own longest step. In virtual time. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { HookConfig } from '../../src/core/hook-config.ts';
import { DEFAULT_RETRY_POLICY } from '../../src/core/schedule.ts';
import { NO_CAUSE, Notices } from '../../src/hook/notices.ts';
import { HOOK_MIGRATIONS } from '../../src/hook/schema.ts';
import { Writability } from '../../src/hook/writability.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { Simulation, useVirtualTime, type Receiver } from '../support/engine-simulation.ts';
import { Sqlite } from '../support/sqlite.ts';

vi.mock('../../src/switchboard/switches.ts', () => ({
  switchesNow: () => Promise.resolve({ delivery: 'open' }),
}));

const SECOND_MS = 1_000;
const BACK_MS = -600_000;

let simulation: Simulation | undefined;
beforeEach(useVirtualTime);
afterEach(() => {
  simulation?.close();
  simulation = undefined;
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const start = async (receiver: Receiver, config: Partial<HookConfig> = {}) => {
  simulation = await Simulation.start(receiver, config);
  return simulation;
};

async function accept(run: Simulation, count: number): Promise<void> {
  for (let event = 0; event < count; event += 1) await run.accept('a.one', `s${event}`);
}

test('B7: a rate limit goes on with its next token', async () => {
  const run = await start(() => 200, { rateLimit: { perSecond: 1 } });
  await accept(run, 6);
  await run.run(2 * SECOND_MS);
  const before = run.seen.length;
  expect(before).toBeLessThan(4);
  run.stepClock(BACK_MS);
  await run.run(1.2 * SECOND_MS);
  expect(run.seen.length).toBe(before + 1);
  await run.run(6 * SECOND_MS);
  expect(run.seen).toHaveLength(6);
});

test('B7: a retry goes out after its step, counted from the moment of the clock’s step', async () => {
  const retry = { ...DEFAULT_RETRY_POLICY, scheduleSeconds: [100, 100], jitter: 0 };
  const run = await start(() => 422, { retry });
  await accept(run, 3);
  await run.run(10 * SECOND_MS);
  expect(run.seen).toHaveLength(3);
  run.stepClock(BACK_MS);
  await run.run(99 * SECOND_MS);
  expect(run.seen).toHaveLength(3);
  await run.run(2 * SECOND_MS);
  expect(run.seen).toHaveLength(6);
});

test('B7: the probes of a hook that fails go on within a minute', async () => {
  const run = await start(() => 500, { retry: { ...DEFAULT_RETRY_POLICY, scheduleSeconds: [3600] } });
  await accept(run, 60);
  await run.run(1_200 * SECOND_MS);
  const before = run.seen.length;
  run.stepClock(BACK_MS);
  await run.run(61 * SECOND_MS);
  expect(run.seen.length).toBe(before + 1);
  await run.run(61 * SECOND_MS);
  expect(run.seen.length).toBe(before + 2);
});

test('B7: a hold lasts no longer than the receiver has asked for', async () => {
  let isWell = false;
  const run = await start(() => (isWell ? 200 : { status: 503, headers: { 'retry-after': '30' } }));
  await accept(run, 3);
  await run.run(SECOND_MS);
  isWell = true;
  run.stepClock(BACK_MS);
  await run.run(20 * SECOND_MS);
  expect(run.seen).toHaveLength(1);
  await run.run(12 * SECOND_MS);
  expect(run.seen).toHaveLength(4);
});

test('B7: what is known of a hook after a step survives the end of its process', async () => {
  const retry = { ...DEFAULT_RETRY_POLICY, scheduleSeconds: [30, 30, 30], jitter: 0 };
  const run = await start(() => 422, { retry });
  await accept(run, 2);
  await run.run(40 * SECOND_MS);
  run.stepClock(BACK_MS);
  await run.run(40 * SECOND_MS);
  const known = run.process.hook.runtime();
  expect(known).toMatchObject({ errors: 6, lastFailureAtMs: expect.any(Number) as number });
  expect(known.lastFailureAtMs ?? 0).toBeLessThanOrEqual(Date.now());
  await run.process.crash();
  expect(run.process.hook.runtime()).toEqual(known);
});

test('B7: what failed after a step is newer than what another ordering has set aside before it', async () => {
  const retry = { ...DEFAULT_RETRY_POLICY, scheduleSeconds: [30, 30, 30, 30, 30], jitter: 0 };
  const run = await start(() => 422, { retry });
  await accept(run, 2);
  await run.run(70 * SECOND_MS);
  // The second one, which failed last, waits behind the first with what was known by then.
  run.change({ ordering: 'fifo' });
  run.stepClock(BACK_MS);
  await run.run(40 * SECOND_MS);
  const known = run.process.hook.runtime();
  expect(known).toMatchObject({ errors: 7, consecutiveFailures: 7 });
  await run.process.crash();
  expect(run.process.hook.runtime()).toEqual(known);
});

test('B7: a step that an attempt under way is the first to meet makes no retry late', async () => {
  const retry = { ...DEFAULT_RETRY_POLICY, scheduleSeconds: [100, 100], jitter: 0 };
  let isSilent = false;
  const run = await start(() => (isSilent ? null : 422), { retry, concurrency: 2, ordering: 'none' });
  await accept(run, 1);
  await run.run(10 * SECOND_MS);
  isSilent = true;
  await accept(run, 1);
  await run.run(SECOND_MS);
  vi.setSystemTime(Date.now() + BACK_MS);
  isSilent = false;
  await run.run(102 * SECOND_MS);
  expect(run.seen.filter(({ seq }) => seq === 1)).toHaveLength(2);
});

test('B7: the times of many retries are rewritten in steps, which a death in between does not end', async () => {
  const COUNT = 1_800;
  const STEP_MS = 1_800_000;
  const run = await start(() => 200);
  const nowMs = Date.now();
  run.process.sql.exec(
    `INSERT INTO deliveries (seq, event_id, sequence, position, state, retry_at, failed_at, created_at, type, subject,
       source, bytes, kind, head, raw)
     SELECT value, 'evt_' || value, value, value, 'retrying', ?1 + ?2 + value, ?1 + value, ?1, 'a.one', NULL, '/s', 10,
       'json', '{', x'7b7d'
     FROM (WITH RECURSIVE places (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM places LIMIT ?3)
       SELECT value FROM places)`,
    nowMs,
    STEP_MS,
    COUNT,
  );
  run.process.sql.exec('UPDATE health SET last_failure_at = ?, errors = 1', nowMs + COUNT);
  await run.process.crash();
  const late = () =>
    run.process.sql
      .exec<{ late: number }>(
        'SELECT count(*) AS late FROM deliveries WHERE retry_at > ? + ?',
        Date.now(),
        STEP_MS,
      )
      .one().late;
  vi.setSystemTime(nowMs + BACK_MS);
  run.process.alarm.at = Date.now();
  await run.process.wake();
  expect(late()).toBe(COUNT - 1_000);
  await run.process.crash();
  for (let wakes = 0; wakes < 3; wakes += 1) await run.process.wake();
  expect(late()).toBe(0);
});

test('B7: pauses that are in memory alone are capped', async () => {
  const disk = new Sqlite();
  migrate(disk.storage, HOOK_MIGRATIONS);
  const notices = new Notices(disk.sql);
  const nobody = { eventId: null, eventType: null, eventSubject: null };
  notices.add('posthorn.hook.recovered', {
    ...{ hookId: 1, hookName: '', reason: null, since: null },
    ...nobody,
    ...NO_CAUSE,
  });
  const nowMs = Date.now();
  await notices.tellNext(
    () => Promise.reject(new Error('down')),
    () => nowMs,
  );
  notices.heedClock(nowMs);
  expect(notices.dueMs()).toBe(nowMs + SECOND_MS);
  notices.heedClock(nowMs + BACK_MS);
  expect(notices.dueMs()).toBe(nowMs + BACK_MS);

  const writability = new Writability();
  writability.failed(nowMs);
  writability.heedClock(nowMs);
  expect(writability.untilMs).toBe(nowMs + SECOND_MS);
  writability.heedClock(nowMs + BACK_MS);
  expect(writability.untilMs).toBe(nowMs + BACK_MS);
  disk.db.close();
});
