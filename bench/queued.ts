/** When an event is in the queues of hooks, seen from outside. The hooks are paused, so that nothing else happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchTenant } from './bench.ts';

const WITHIN_MS = 30_000;
let published = 0;

/**
 * From the call that publishes an event of that type to the moment the last of these hooks has it. They are asked in
 * turn, the last one first, as they are served in the order of their ids, eight at a time.
 */
export async function queuedMs(
  tenant: BenchTenant,
  type: string,
  hookIds: readonly number[],
  lookEveryMs: number,
): Promise<number> {
  published += 1;
  const event = { specversion: '1.0', id: `queued-${published}`, source: '/bench', type, subject: 'thing/1' };
  const startMs = performance.now();
  const { id } = await tenant.api.publish(event);
  for (const hookId of hookIds.toReversed()) {
    while (!(await tenant.has(hookId, id))) {
      if (performance.now() - startMs > WITHIN_MS) throw new Error(`hook ${hookId} never got ${id}`);
      await sleep(lookEveryMs);
    }
  }
  return performance.now() - startMs;
}
