/** What passes through a hook before it has a row, where rows cannot be written, in the engine of test/support/engine.ts. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { newSecret } from '../../src/core/signature.ts';
import type { Hook } from '../../src/hook/hook.ts';
import { Engine, settled } from '../support/engine.ts';

// The switchboard is another object, with tests of its own.
vi.mock('../../src/switchboard/switches.ts', () => ({
  switchesNow: () => Promise.resolve({ delivery: 'open' }),
}));

const FULL = 'database or disk is full: SQLITE_FULL';
let engine: Engine;
let hookId: number;
let sent: string[];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.UTC(2100, 0, 1) });
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  sent = [];
  engine = new Engine(
    {
      taken: () => undefined,
      sent: ({ headers }) => {
        sent.push(`${headers.get('webhook-id')} ${headers.get('posthorn-attempt')}`);
      },
      timedOut: () => undefined,
    },
    100_000,
    true,
  );
  vi.stubGlobal('fetch', engine.fetch);
  const config = { url: 'https://hook1.example.com/', concurrency: 2, ordering: 'none' } as const;
  hookId = await engine.addHook(config, newSecret(new Uint8Array(32)));
});
afterEach(() => {
  engine.close();
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const hook = (): Hook => engine.process(hookId).hook;

/** The `at`th of what is in flight arrives. */
async function arrives(at = 0): Promise<void> {
  engine.inFlight[at]?.answer(200);
  await settled();
}

/** Alarms go off, and the log goes on, for so many seconds. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await vi.advanceTimersByTimeAsync(1_000);
    await engine.process(hookId).wake();
    await engine.fanOut([]);
  }
}

/** Accepts so many events and hands them over. */
async function accept(count: number): Promise<string[]> {
  const events = Array.from({ length: count }, () => engine.accept('a.one', null));
  await engine.fanOut([]);
  return events.map(({ id }) => id);
}

test('A8: room is made for what has arrived and has no row', async () => {
  for (let round = 0; round < 4; round += 1) {
    await accept(100);
    while (engine.inFlight.length > 0) await arrives();
  }
  const { sql } = engine.process(hookId).disk;
  const exec = sql.exec.bind(sql);
  let isFull = true;
  vi.spyOn(sql, 'exec').mockImplementation((query: string, ...bindings: unknown[]) => {
    isFull &&= !query.includes('DELETE FROM deliveries');
    if (isFull && query.includes('INSERT INTO deliveries')) throw new Error(FULL);
    return exec(query, ...bindings);
  });
  const ids = await accept(3);
  for (let tries = 0; tries < 5; tries += 1) {
    await arrives();
    await pass(1);
  }
  expect(sent.slice(400)).toEqual(ids.map((id) => `${id} 1`));
  expect(hook().runtime()).toMatchObject({ delivered: 403, pending: 0, calls: 403 });
});

test('A8: one that is written counts once, also where the next cannot be written with it', async () => {
  const { sql } = engine.process(hookId).disk;
  await accept(2);
  await arrives(1);
  const exec = sql.exec.bind(sql);
  let failures = 1;
  const failing = vi.spyOn(sql, 'exec').mockImplementation((query: string, ...bindings: unknown[]) => {
    if (query.includes('INSERT INTO deliveries') && bindings[0] === 2 && failures-- > 0)
      throw new Error(FULL);
    return exec(query, ...bindings);
  });
  await arrives(0);
  expect(failing).toHaveBeenCalled();
  await pass(5);
  expect(engine.isFannedOut).toBe(true);
  expect(hook().runtime()).toMatchObject({ delivered: 2, pending: 0, calls: 2, errors: 0 });
  expect(hook().delivery(1)).toMatchObject({ attempts: 1, attemptLog: [{ number: 1 }] });
  expect(sent).toHaveLength(2);
});

test('the log is told when the last of it arrived', async () => {
  for (const seq of [1, 2]) {
    vi.setSystemTime(Date.now() + 10_000);
    const told = hook().enqueue([engine.accept('a.one', null)]);
    await settled();
    await arrives();
    expect(await told).toMatchObject({ pending: 0, delivered: seq, lastSuccessAtMs: Date.now() });
  }
});

test('a clock that was set back gives it a row, and the log its answer', async () => {
  await accept(1);
  engine.inFlight[0]?.answer(500);
  await settled();
  await vi.advanceTimersByTimeAsync(60_000);
  await engine.process(hookId).wake();
  await settled();
  await arrives();
  expect(hook().runtime()).toMatchObject({ delivered: 1, pending: 0 });
  vi.setSystemTime(Date.now() - 3_600_000);
  await accept(1);
  await arrives();
  await vi.advanceTimersByTimeAsync(100);
  await settled();
  expect(engine.isFannedOut).toBe(true);
  expect(hook().runtime()).toMatchObject({ delivered: 2, pending: 0 });
});

test('A8: a hook that can write nothing says so, also of what has no row', async () => {
  const { disk } = engine.process(hookId);
  const ids = await accept(8);
  disk.isFull = true;
  while (engine.inFlight.length > 0) await arrives();
  const first = sent.length;
  expect(first).toBeLessThanOrEqual(4);
  await pass(120);
  expect(sent).toHaveLength(first);
  expect(hook().runtime()).toMatchObject({ waiting: { reason: 'storage' } });
  expect(hook().standing()).toMatchObject({ waiting: { reason: 'storage' } });
  expect(hook().deliveries(null, null, 10).views).toEqual([]);
  expect(hook().delivery(1)).toBeNull();
  disk.isFull = false;
  for (let seconds = 0; seconds < 120; seconds += 1) {
    await pass(1);
    while (engine.inFlight.length > 0) await arrives();
  }
  expect(sent.toSorted()).toEqual(ids.map((id) => `${id} 1`));
  expect(hook().runtime()).toMatchObject({ delivered: 8, pending: 0, calls: 8, waiting: null });
});
