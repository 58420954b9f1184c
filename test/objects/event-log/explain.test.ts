import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { expect, it } from 'vitest';
import type { Hook } from '../../../src/hook/hook.ts';
import { openedLog, publishTo } from './log.ts';

it.each([false, true])(
  'I3: an event that met a full queue says so, for that hook alone (evicted in between: %s)',
  async (isEvicted) => {
    const log = await openedLog();
    const [full, other] = [await log.pausedHook(), await log.pausedHook()];
    await runInDurableObject(log.hook(full), (hook: Hook) => {
      Object.assign(hook.queueLimits, { deliveries: 1 });
    });
    const [first, second] = await log.inside((object) => [publishTo(object), publishTo(object)]);
    await log.settled();
    if (isEvicted) {
      await evictDurableObject(log.stub);
      await evictDurableObject(log.hook(full));
    }
    const explained = async (event: typeof first, hook: number) => {
      const view = await log.inside((object) => object.explainEvent(event, hook));
      if (typeof view === 'string') throw new Error(view);
      return view.deliveries.map(({ status, reason }) => [status, reason]);
    };
    expect(await explained(first, full)).toEqual([['held', 'paused']]);
    expect(await explained(second, full)).toEqual([['skipped', 'queue-full']]);
    expect(await explained(second, other)).toEqual([['held', 'paused']]);
    // A trace without a number of its own.
    expect(await log.queueOf(full)).toEqual([
      { seq: 2, sequence: null },
      { seq: 1, sequence: 1 },
    ]);
  },
);
