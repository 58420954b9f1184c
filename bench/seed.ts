/** Fills queues and registers in bulk, through the bench's own Worker. */
import type { Relay } from '../test/support/relay.ts';
import { until } from '../test/support/until.ts';
import type { BenchTenant } from './bench.ts';
import type { Register, Seed } from './workers/asked.ts';

/** One call holds its object for a second or two at most. */
const SEEDED_AT_ONCE = 100_000;

/** The hook has one event in its queue, of which there are to be `count` copies. They count after a restart. */
export async function seed(
  relay: Relay,
  tenant: BenchTenant,
  hookId: number,
  { count, ...rest }: Seed,
): Promise<void> {
  for (let left = count; left > 0; left -= SEEDED_AT_ONCE) {
    const part: Seed = { ...rest, count: Math.min(left, SEEDED_AT_ONCE) };
    await post(relay, `/bench/seed/${tenant.id}/${hookId}`, part);
  }
}

/** The tenant has a hook, of which there are to be so many copies. They count after a restart. */
export async function register(
  relay: Relay,
  tenant: BenchTenant,
  count: number,
  patternsOfEach = 0,
): Promise<void> {
  const copies: Register = { count, patternsOfEach };
  await post(relay, `/bench/register/${tenant.id}`, copies);
}

/** Waits until every hook of a tenant has that many pending deliveries. */
export async function pending(tenant: BenchTenant, hookIds: readonly number[], count: number): Promise<void> {
  for (const id of hookIds) {
    await until(
      () => tenant.api.hook(id),
      ({ stats }) => stats.pending >= count,
    );
  }
}

async function post(relay: Relay, path: string, body: unknown): Promise<void> {
  const response = await fetch(`${relay.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}
