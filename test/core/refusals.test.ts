/** Not this event, or not me: what a receiver refuses of some kinds does not hold up the others. In virtual time. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HookConfig } from '../../src/core/hook-config.ts';
import { Simulation, useVirtualTime, type Receiver } from '../support/engine-simulation.ts';

vi.mock('../../src/switchboard/switches.ts', () => ({
  switchesNow: () => Promise.resolve({ delivery: 'open' }),
}));

let simulation: Simulation | undefined;
beforeEach(useVirtualTime);
afterEach(() => {
  simulation?.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const start = async (receiver: Receiver, config: Partial<HookConfig> = {}) => {
  simulation = await Simulation.start(receiver, config);
  return simulation;
};
const refusing =
  (status: number): Receiver =>
  ({ type }) =>
    type === 'poison' ? status : 200;

describe('B1: ten events refused, then one of another type and subject', () => {
  test.each([
    [422, 2_000],
    [400, 2_000],
    [500, 10_000],
  ])('%d: it arrives within %d ms', async (status, boundMs) => {
    const run = await start(refusing(status));
    for (let event = 0; event < 10; event += 1) await run.accept('poison', `p${event}`);
    await run.run(1000);
    const since = Date.now();
    const good = await run.accept('good', 'g');
    await run.run(boundMs);
    expect((run.arrivedAtMs(good) ?? Infinity) - since).toBeLessThanOrEqual(boundMs);
  });

  test.each([0, 60_000, 300_000, 3_600_000])(
    '500, after %d ms of it: within ten seconds',
    async (afterMs) => {
      const run = await start(refusing(500));
      for (let event = 0; event < 10; event += 1) await run.accept('poison', `p${event}`);
      await run.run(afterMs);
      const since = Date.now();
      const good = await run.accept('good', 'g');
      await run.run(10_000);
      expect((run.arrivedAtMs(good) ?? Infinity) - since).toBeLessThanOrEqual(10_000);
    },
  );
});

test('B1: a hundred refused and fifty good ones mixed, in no order: all fifty arrive within thirty seconds', async () => {
  const run = await start(refusing(422), { ordering: 'none' });
  const good: number[] = [];
  const since = Date.now();
  for (let event = 0; event < 150; event += 1) {
    if (event % 3 === 2) good.push(await run.accept('good', `s${event}`));
    else await run.accept('poison', `s${event}`);
  }
  await run.run(30_000);
  const late = good.filter((seq) => (run.arrivedAtMs(seq) ?? Infinity) - since > 30_000);
  expect(late).toEqual([]);
});
