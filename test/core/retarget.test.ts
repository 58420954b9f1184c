/** Another target is another receiver, and so is one of which somebody says that it is well again. In virtual time. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HookConfig } from '../../src/core/hook-config.ts';
import { DEFAULT_RETRY_POLICY } from '../../src/core/schedule.ts';
import { Simulation, useVirtualTime, type Receiver } from '../support/engine-simulation.ts';

vi.mock('../../src/switchboard/switches.ts', () => ({
  switchesNow: () => Promise.resolve({ delivery: 'open' }),
}));

const OTHER = 'https://hook1.example.net/';
const MINUTE_MS = 60_000;
/** The first retry is due in an hour. */
const HOURLY: Partial<HookConfig> = {
  retry: { ...DEFAULT_RETRY_POLICY, scheduleSeconds: [3600, 3600], jitter: 0 },
};

let simulation: Simulation | undefined;
beforeEach(useVirtualTime);
afterEach(() => {
  simulation?.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const start = async (receiver: Receiver, config: Partial<HookConfig> = HOURLY) => {
  simulation = await Simulation.start(receiver, config);
  return simulation;
};

/** Events of three subjects. */
async function accept(run: Simulation, count: number): Promise<number[]> {
  const seqs: number[] = [];
  for (let event = 0; event < count; event += 1) seqs.push(await run.accept('a.one', `s${event}`));
  return seqs;
}

const arrived = (run: Simulation) => run.seen.filter(({ status }) => status === 200).map(({ seq }) => seq);

describe('B2: another URL', () => {
  test('is not held by what the one before has asked for: 503 with retry-after 3600', async () => {
    const run = await start(({ url }) =>
      url === OTHER ? 200 : { status: 503, headers: { 'retry-after': '3600' } },
    );
    const seqs = await accept(run, 4);
    await run.run(MINUTE_MS);
    expect(run.seen).toHaveLength(1);
    run.change({ url: OTHER });
    await run.run(100);
    expect(arrived(run)).toEqual(seqs);
  });

  test.each([1, 3, 8])(
    'gets at once, in order, what %d failures have put off for an hour',
    async (failures) => {
      const run = await start(({ url }) => (url === OTHER ? 200 : 500));
      const seqs = await accept(run, failures);
      await run.run(20 * MINUTE_MS);
      run.change({ url: OTHER });
      await run.run(100);
      expect(arrived(run)).toEqual(seqs);
    },
  );

  test('that fails as well gets a probe at a time, and the rest with the first success', async () => {
    let isWell = false;
    const run = await start(({ url }) => (url === OTHER && isWell ? 200 : 500));
    const seqs = await accept(run, 8);
    await run.run(20 * MINUTE_MS);
    const before = run.seen.length;
    run.change({ url: OTHER });
    await run.run(100);
    expect(run.seen.length - before).toBe(1);
    await run.run(3_000);
    isWell = true;
    await run.run(MINUTE_MS);
    expect(arrived(run).toSorted()).toEqual(seqs);
  });

  test.each<[string, ReturnType<Receiver>]>([
    ['503 with retry-after', { status: 503, headers: { 'retry-after': '3600' } }],
    ['500', 500],
    ['410', 410],
  ])('does not answer for what comes late of the one before: %s', async (_name, late) => {
    let isLate = false;
    const run = await start(({ url }) => (url === OTHER ? 200 : isLate ? late : null));
    const [seq = 0] = await accept(run, 1);
    await run.run(10);
    run.change({ url: OTHER });
    isLate = true;
    await run.run(100);
    expect(run.attemptsOf(seq).map(({ url }) => url === OTHER)).toEqual([false, true]);
    expect(run.process.hook.runtime()).toMatchObject({
      state: 'active',
      delivered: 1,
      consecutiveFailures: 0,
      waiting: null,
    });
  });
});

test.each([1, 3, 8])(
  'B2: a resume makes due at once, in order, what %d failures have put off for an hour',
  async (failures) => {
    let isWell = false;
    const run = await start(() => (isWell ? 200 : 500));
    const seqs = await accept(run, failures);
    await run.run(20 * MINUTE_MS);
    isWell = true;
    run.resume();
    await run.run(100);
    expect(arrived(run)).toEqual(seqs);
  },
);
