/** What the log owes is paid by its alarm: after the cut nothing here touches the log again, only its hooks are read. */
import { expect, it, vi } from 'vitest';
import type { Env } from '../../../src/env.ts';
import { openedLog, publishTo, relay } from './log.ts';

const HOOKS = 130;
const EVENTS = 3;
/** In the second wake: one calls 40 hooks at the most. */
const CUT_AT_CALL = 50;

it('F6: cut in the middle and never asked again, the log brings each event to each of 130 hooks once, in order', async () => {
  const log = await openedLog();
  const ids: number[] = [];
  for (let at = 0; at < HOOKS; at += 1) ids.push(await log.pausedHook());
  let calls = 0;
  const { HOOK } = relay;
  const crashing = {
    getByName: (name: string) => {
      calls += 1;
      if (calls === CUT_AT_CALL) void log.crash();
      return HOOK.getByName(name);
    },
  } as unknown as Env['HOOK'];
  await log.bind({ HOOK: crashing });
  await log.inside((object) => {
    for (let at = 0; at < EVENTS; at += 1) publishTo(object);
  });
  await vi.waitFor(
    () => {
      expect(calls).toBeGreaterThanOrEqual(CUT_AT_CALL);
    },
    { timeout: 20_000 },
  );

  const whole = Array.from({ length: EVENTS }, (_, at) => ({ seq: at + 1, sequence: at + 1 }));
  const missing = new Set(ids);
  await vi.waitFor(
    async () => {
      for (const id of missing) {
        expect(await log.queueOf(id)).toEqual(whole);
        missing.delete(id);
      }
    },
    { interval: 50, timeout: 25_000 },
  );
  // The life that was cut had not come to its end.
  expect(calls).toBeLessThan(HOOKS);
  for (const id of ids) expect(await log.queueOf(id)).toEqual(whole);
}, 40_000);
