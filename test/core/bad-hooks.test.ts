/** A hook that hangs, fails, is slow or full is alone with it: the log as it runs, in virtual time. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LogProcess, type StandIn, type Temper } from '../support/engine-log.ts';

const HOOKS = 1_000;
/** A call that hangs is given up after five minutes; what has failed is tried again within one. */
const HEALED_WITHIN_MS = 7 * 60_000;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2100, 0, 1) });
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  // A process that has died tells of what it could not do any more.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);
const goodOnes = ({ hooks }: LogProcess) => hooks.filter(({ temper }) => temper === 'takes');
const badOnes = ({ hooks }: LogProcess) => hooks.filter(({ temper }) => temper !== 'takes');

/** `bad` of so many hooks, evenly spread. */
function among(count: number, bad: number, temper: Temper): Promise<LogProcess> {
  const every = Math.floor(count / Math.max(1, bad));
  const isBad = (at: number) => at % every === every >> 1 && Math.floor(at / every) < bad;
  return LogProcess.start(Array.from({ length: count }, (_, at) => (isBad(at) ? temper : 'takes')));
}

/** How long each event took until the last of these hooks had it. */
async function latenciesMs(log: LogProcess, hooks: readonly StandIn[], events: number, everyMs: number) {
  for (let sent = 0; sent < events; sent += 1) {
    log.accept();
    await pass(everyMs);
  }
  const each = hooks.map((hook) => log.latenciesMs(hook));
  return upTo(events).map((seq) => Math.max(...each.map((latencies) => latencies[seq - 1] ?? Infinity)));
}

function healed(log: LogProcess): void {
  for (const hook of log.hooks) hook.temper = 'takes';
}

describe.each([1, 40, 100])('A5: %d bad hooks among a thousand', (bad) => {
  test.each<[string, Temper]>([
    ['hang', 'hangs'],
    ['throw', 'throws'],
    ['are full', 'full'],
    ['take 1.9 s', { slowMs: 1_900 }],
  ])(
    'that %s delay no other, are called once at a time, and get everything in order when they are well',
    async (_name, temper) => {
      const calm = await among(HOOKS, 0, temper);
      const [usualMs = NaN] = await latenciesMs(calm, calm.hooks, 1, 3_000);
      calm.close();
      const log = await among(HOOKS, bad, temper);
      const good = goodOnes(log);
      expect(good).toHaveLength(HOOKS - bad);
      const [firstMs = NaN, ...laterMs] = await latenciesMs(log, good, 6, 800);
      // Nobody knows yet which of them are bad.
      expect(firstMs).toBeLessThan(usualMs + 600);
      expect(Math.max(...laterMs)).toBeLessThan(usualMs * 1.2);
      for (const hook of good) expect(hook.taken).toEqual(upTo(6));
      for (const hook of log.hooks) expect(hook.mostUnderWay).toBe(1);
      expect(log.callsUnderWay).toBeLessThanOrEqual(bad);

      healed(log);
      log.accept();
      await pass(HEALED_WITHIN_MS);
      for (const hook of log.hooks) expect(hook.taken).toEqual(upTo(7));
      expect(log.sql.exec('SELECT * FROM lagging').toArray()).toEqual([]);
      await pass(HEALED_WITHIN_MS);
      expect(log.alarmAtMs).toBeNull();
      log.close();
    },
  );
});

test('A5: a hundred that hang for ten minutes hold a hundred calls, each with what it was first sent', async () => {
  const log = await among(110, 100, 'hangs');
  const good = goodOnes(log);
  const everyMs = 200;
  await latenciesMs(log, good, 1, 2_000);
  const { callsUnderWay, bytesUnderWay } = log;
  expect(callsUnderWay).toBe(100);
  const later = await latenciesMs(log, good, (4 * 60_000) / everyMs, everyMs);
  expect(Math.max(...later.slice(1))).toBeLessThan(50);
  expect(log.callsUnderWay).toBe(100);
  await latenciesMs(log, good, (6 * 60_000) / everyMs, everyMs);
  // Given up and called once more, without an event.
  expect(log.callsUnderWay).toBe(200);
  expect(log.bytesUnderWay).toBe(bytesUnderWay);
  for (const hook of good) expect(hook.taken).toEqual(upTo(log.acceptedAtMs.length));
  log.close();
});

test('a process that dies over calls that hang is woken by its alarm, and brings what they should have', async () => {
  const log = await among(60, 20, 'hangs');
  log.accept();
  log.accept();
  await pass(5_000);
  expect(log.callsUnderWay).toBe(20);
  healed(log);
  expect(log.alarmAtMs).not.toBeNull();
  expect((log.alarmAtMs ?? Infinity) - Date.now()).toBeLessThanOrEqual(60_000);
  await log.restart();
  await pass(60_000);
  for (const hook of log.hooks) expect(hook.taken).toEqual(upTo(2));
  log.close();
});

test('a slow hook is never more than its own slowness behind, and is asked for no more than it wants', async () => {
  const log = await among(20, 1, { slowMs: 1_900 });
  const [slow] = badOnes(log);
  for (let sent = 0; sent < 50; sent += 1) {
    log.accept();
    await pass(500);
  }
  await pass(5_000);
  expect(slow?.taken).toEqual(upTo(50));
  expect(slow?.mostUnderWay).toBe(1);
  expect(slow?.calls).toBeLessThan(20);
  expect(Math.max(...log.latenciesMs(slow as StandIn))).toBeLessThan(2_500);
  expect(log.sql.exec('SELECT * FROM lagging').toArray()).toEqual([]);
  log.close();
});

test('a hook that was slow once costs a row for each event no longer than it is slow', async () => {
  const log = await among(20, 1, { slowMs: 300 });
  log.accept();
  await pass(1_000);
  healed(log);
  log.accept();
  await pass(1_000);
  const exec = vi.spyOn(log.sql, 'exec');
  log.accept();
  await pass(1_000);
  const written = exec.mock.calls.map(([query]) => query).filter((query) => /^(INSERT|DELETE)/.test(query));
  expect(written.filter((query) => query.includes('lagging'))).toEqual([]);
  for (const hook of log.hooks) expect(hook.taken).toEqual(upTo(3));
  log.close();
});

test('large events to hooks that hang fill memory to a bound and no further, and the others get theirs', async () => {
  const log = await among(200, 100, 'hangs');
  const good = goodOnes(log);
  for (let sent = 0; sent < 3; sent += 1) {
    log.accept(1_500_000);
    await pass(20_000);
    expect(log.bytesUnderWay).toBeLessThan(18_000_000);
    for (const hook of good) expect(hook.taken).toEqual(upTo(sent + 1));
  }
  healed(log);
  await pass(3 * HEALED_WITHIN_MS);
  for (const hook of log.hooks) expect(hook.taken).toEqual(upTo(3));
  log.close();
});

test('more hooks that hang than calls may be under way: the others are served all the same', async () => {
  const log = await among(1_500, 1_300, 'hangs');
  const good = goodOnes(log);
  log.accept();
  await pass(60_000);
  expect(log.callsUnderWay).toBe(1_000);
  await pass(HEALED_WITHIN_MS);
  for (const hook of good) expect(hook.taken).toEqual(upTo(1));
  // Now that they are known: whatever they do, the others wait for none of them.
  const laterMs = await latenciesMs(log, good, 3, 60_000);
  expect(Math.max(...laterMs.slice(1))).toBeLessThan(1_000);
  log.close();
}, 60_000);

test('a clock that is set back makes no wait longer', async () => {
  const log = await among(30, 10, 'throws');
  log.accept();
  await pass(40_000);
  vi.setSystemTime(Date.now() - 600_000);
  healed(log);
  await pass(62_000);
  for (const hook of log.hooks) expect(hook.taken).toEqual([1]);
  log.close();
});

const temper = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Temper>('takes') },
  fc.constantFrom<Temper[]>('hangs', 'throws', 'full'),
  { weight: 2, arbitrary: fc.record({ slowMs: fc.integer({ min: 1, max: 700 }) }) },
);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('accept'), events: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pass'), ms: fc.integer({ min: 0, max: 400 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pass'), ms: fc.integer({ min: 400, max: 70_000 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('temper'), first: fc.nat(89), temper }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart') }) },
);

test('whatever hooks do when, and wherever the process ends, each gets every event once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const log = await among(90, 0, 'takes');
      let events = 0;
      for (const next of steps) {
        if (next.do === 'restart') await log.restart();
        if (next.do === 'pass') await pass(next.ms);
        if (next.do === 'temper')
          for (let at = next.first; at < 90; at += 7)
            Object.assign(log.hooks[at] ?? {}, { temper: next.temper });
        if (next.do !== 'accept') continue;
        for (let sent = 0; sent < next.events; sent += 1) log.accept();
        events += next.events;
      }
      healed(log);
      await pass(HEALED_WITHIN_MS);
      for (const hook of log.hooks) expect(hook.taken).toEqual(upTo(events));
      expect(log.sql.exec('SELECT * FROM lagging').toArray()).toEqual([]);
      expect(log.sql.exec('SELECT fanned_seq FROM progress').toArray()).toEqual([{ fanned_seq: events }]);
      log.close();
    }),
    { numRuns: 60 },
  );
}, 60_000);
