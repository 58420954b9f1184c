/** A hundred thousand subjects that wait for a retry: what the next delivery costs beside them, against none. */
import type { Relay } from '../../test/support/relay.ts';
import { type Bench, BenchTenant } from '../bench.ts';
import { drain } from '../drain.ts';
import { type Figure, figure, interleaved, ratios } from '../measure.ts';
import { queuedMs } from '../queued.ts';
import { seed } from '../seed.ts';

const HOOK_ID = 1;

export async function blocked(bench: Bench): Promise<Figure[]> {
  const data = bench.dataFolder();
  const drained = bench.size(300, 10);
  const ready = drained * (bench.rounds + 2);
  const seeded = await filled(bench, data, bench.size(100_000, 200), ready);

  await using relay = await bench.relay(data);
  const next = async (made: BenchTenant) => {
    const tenant = made.on(relay);
    const { tookMs } = await drain(bench, tenant, { id: HOOK_ID, path: pathOf(tenant) }, drained);
    return tookMs / drained;
  };
  const rounds = await interleaved(bench.rounds, {
    blocked: () => next(seeded.blocked),
    free: () => next(seeded.free),
  });
  return [
    figure('blocked.nextMs', 'ms', rounds.blocked),
    figure('blocked.subjects100kRatio', 'times', ratios(rounds.blocked, rounds.free), { atMost: 1.5 }),
  ];
}

async function filled(bench: Bench, data: string, subjects: number, ready: number) {
  await using relay = await bench.relay(data, 'seeded');
  const made = {
    blocked: await BenchTenant.make(relay, 'blocked'),
    free: await BenchTenant.make(relay, 'free'),
  };
  for (const tenant of Object.values(made)) {
    await tenant.api.createHook({ url: bench.target(pathOf(tenant)), paused: true });
    await queuedMs(tenant, 'bench.blocked.happened', [HOOK_ID], 5);
  }
  await seed(relay, made.blocked, HOOK_ID, { count: subjects, subjects, isBlocked: true });
  for (const tenant of Object.values(made)) await fillReady(relay, tenant, ready);
  await relay.stop();
  return made;
}

async function fillReady(relay: Relay, tenant: BenchTenant, count: number): Promise<void> {
  await seed(relay, tenant, HOOK_ID, { count, subjects: 1000, isBlocked: false });
}

function pathOf(tenant: BenchTenant): string {
  return `/blocked-${tenant.id}`;
}
