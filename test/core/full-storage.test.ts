/**
 * A hook whose storage is full, in the engine of test/support/engine.ts: what an attempt came to is written down in the
 * smallest form there is room for, and where there is none nothing is sent again and again.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { newSecret } from '../../src/core/signature.ts';
import type { Hook } from '../../src/hook/hook.ts';
import { Engine, settled, type HookProcess, type InFlight } from '../support/engine.ts';

// The switchboard is another object, with tests of its own.
vi.mock('../../src/switchboard/switches.ts', () => ({
  switchesNow: () => Promise.resolve({ delivery: 'open' }),
}));

const MINUTE_MS = 60_000;
const SCHEDULE = [5, 30, 300];
const EVIDENCE = 'x'.repeat(900);
let engine: Engine;
let hookId: number;
let disk: HookProcess['disk'];
let sent: string[];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.UTC(2100, 0, 1) });
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await start({});
});
afterEach(() => {
  engine.close();
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function start(settings: Readonly<Record<string, string>>): Promise<void> {
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
    false,
    settings,
  );
  vi.stubGlobal('fetch', engine.fetch);
  const retry = {
    scheduleSeconds: SCHEDULE,
    jitter: 0,
    timeoutSeconds: 15,
    giveUpOn: [],
    disableAfterSeconds: 432_000,
  };
  hookId = await engine.addHook({ url: 'https://hook1.example.com/', retry }, newSecret(new Uint8Array(32)));
  disk = engine.process(hookId).disk;
}

const hook = (): Hook => engine.process(hookId).hook;

async function queue(...subjects: readonly string[]): Promise<string[]> {
  const events = subjects.map((subject) => engine.accept('a.one', subject));
  await engine.fanOut([]);
  return events.map(({ id }) => id);
}

/** Runs alarms and answers what is sent until that time has passed. */
async function pass(ms: number, answer: (request: InFlight) => void): Promise<void> {
  const untilMs = Date.now() + ms;
  for (;;) {
    await engine.process(hookId).wake();
    await settled();
    const [request] = engine.inFlight;
    if (request !== undefined) {
      answer(request);
      await settled();
      continue;
    }
    const at = engine.process(hookId).alarm.at ?? Infinity;
    if (at > untilMs) break;
    vi.setSystemTime(Math.max(at, Date.now()));
  }
  vi.setSystemTime(untilMs);
}

const refused = (request: InFlight) => request.answer(500, { 'x-a': EVIDENCE.slice(0, 200) }, EVIDENCE);
const taken = (request: InFlight) => request.answer(200);

describe('A8: an object that cannot grow', () => {
  test('keeps what became of each attempt, without its evidence: none is made twice, and what is behind leaves', async () => {
    const [first, second] = await queue('a', 'b');
    disk.fillUp();
    await pass(60 * MINUTE_MS, refused);
    const attempts = [1, 2, 3, 4];
    expect(sent.toSorted()).toEqual(
      [first, second].flatMap((id) => attempts.map((n) => `${id} ${n}`)).toSorted(),
    );
    expect(hook().runtime()).toMatchObject({ pending: 0, dead: 2, errors: 8, waiting: null });
    expect(hook().delivery(2)).toMatchObject({ status: 'dead', reason: 'exhausted', attempts: 4 });
  });

  test('makes room first: with old deliveries that have ended the evidence is kept', async () => {
    await queue(...Array.from({ length: 400 }, (_, at) => `s${at}`));
    await pass(MINUTE_MS, taken);
    const [id] = await queue('last');
    disk.fillUp();
    await pass(1, refused);
    expect(hook().delivery(401)).toMatchObject({ eventId: id, attemptLog: [{ responseExcerpt: EVIDENCE }] });
    expect(hook().delivery(1)).toBeNull();
    expect(hook().runtime()).toMatchObject({ delivered: 400, pending: 1 });
  });
});

describe('A8: an object that can write nothing', () => {
  test('sends a delivery once, stops and says so; once it can write that is written down and the rest goes out', async () => {
    const [first, second] = await queue('a', 'b');
    await engine.process(hookId).wake();
    disk.isFull = true;
    await pass(60 * MINUTE_MS, taken);
    expect(sent).toEqual([`${first} 1`]);
    const { waiting } = hook().runtime();
    expect(waiting?.reason).toBe('storage');
    expect(waiting?.untilMs).toBeGreaterThan(Date.now() - MINUTE_MS);
    expect(hook().delivery(2)).toMatchObject({ status: 'pending', waiting: { reason: 'storage' } });
    expect(engine.process(hookId).alarm.at).toBeLessThanOrEqual(Date.now() + MINUTE_MS);

    disk.isFull = false;
    await pass(2 * MINUTE_MS, taken);
    expect(sent).toEqual([`${first} 1`, `${second} 1`]);
    expect(hook().runtime()).toMatchObject({ pending: 0, delivered: 2, waiting: null });
    expect(hook().delivery(1)).toMatchObject({
      status: 'delivered',
      attempts: 1,
      attemptLog: [{ statusCode: 200 }],
    });
  });

  test('looks again after pauses that grow, not all the time', async () => {
    await queue('a');
    await engine.process(hookId).wake();
    disk.isFull = true;
    const looks = vi.mocked(console.error).mock.calls;
    await pass(60 * MINUTE_MS, taken);
    expect(looks.length).toBeLessThan(70);
  });

  test('sends nothing in another life either, before it has shown that it can write', async () => {
    const [first] = await queue('a', 'b');
    await engine.process(hookId).wake();
    disk.isFull = true;
    for (let life = 0; life < 5; life += 1) {
      await pass(10 * MINUTE_MS, taken);
      await engine.crash(hookId);
    }
    expect(sent).toEqual([`${first} 1`]);
    expect(hook().runtime().waiting?.reason ?? null).toBeNull();
    await pass(MINUTE_MS, taken);
    expect(hook().runtime().waiting?.reason).toBe('storage');
    disk.isFull = false;
    await pass(2 * MINUTE_MS, taken);
    // What came of the first one was known to the life that could not write it down.
    expect(sent.filter((one) => one === `${first} 1`)).toHaveLength(2);
    expect(hook().runtime()).toMatchObject({ pending: 0, delivered: 2 });
  });

  test('takes no event: the log keeps it and offers it again', async () => {
    disk.isFull = true;
    engine.accept('a.one', 'a');
    await engine.fanOut([]);
    expect(engine.isFannedOut).toBe(false);
    disk.isFull = false;
    vi.setSystemTime(Date.now() + 2 * MINUTE_MS);
    await engine.fanOut([]);
    await pass(MINUTE_MS, taken);
    expect(hook().runtime()).toMatchObject({ delivered: 1 });
  });

  test('by hand nothing goes out before either', async () => {
    const [first] = await queue('a');
    await engine.process(hookId).wake();
    disk.isFull = true;
    await pass(MINUTE_MS, taken);
    expect(hook().retry(engine.eventAt(1))).toBe('in-flight');
    expect(sent).toEqual([`${first} 1`]);
  });
});

describe('A8: HOOK_MAX_BYTES', () => {
  const LIMIT = 1_000_000;
  const ROUNDS = 40;
  const AT_ONCE = 200;

  beforeEach(async () => {
    engine.close();
    await start({ HOOK_MAX_BYTES: String(LIMIT) });
  });

  test('above it the oldest that have ended go, never what is pending; numbers and counts stay', async () => {
    await queue('failing');
    await pass(1, refused);
    const sizes: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await queue(...Array.from({ length: AT_ONCE }, (_, at) => `s${round}-${at}`));
      await pass(1, taken);
      sizes.push(disk.sql.databaseSize);
      if (round % 10 === 5) await engine.crash(hookId);
    }
    const total = ROUNDS * AT_ONCE;
    expect(Math.max(...sizes)).toBeLessThan(LIMIT + AT_ONCE * 4096);
    expect(sizes.at(-1)).toBeLessThan(LIMIT + 50_000);
    expect(hook().runtime()).toMatchObject({ delivered: total, pending: 1, dead: 0 });
    expect(hook().delivery(1)).toMatchObject({ status: 'pending', sequence: 1, attempts: 1 });
    expect(hook().delivery(2)).toBeNull();
    expect(hook().delivery(total + 1)).toMatchObject({ status: 'delivered', sequence: total + 1 });
    const { count } = disk.sql.exec<{ count: number }>('SELECT count(*) AS count FROM deliveries').one();
    expect(count).toBeGreaterThan(2_000);
    expect(count).toBeLessThan(total);
  });

  test('where everything is pending nothing goes, and that is not looked for with each call', async () => {
    const raw = 'x'.repeat(20_000);
    for (let seq = 1; seq <= 100; seq += 1) engine.accept('a.one', `${seq}-${raw}`);
    await engine.fanOut([]);
    expect(disk.sql.databaseSize).toBeGreaterThan(LIMIT);
    expect(hook().runtime()).toMatchObject({ pending: 100 });
    await pass(1, taken);
    expect(hook().runtime()).toMatchObject({ pending: 0, delivered: 100 });
  });
});
