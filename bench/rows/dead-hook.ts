/** What a dead hook with a long queue takes from the other hooks of its tenant, against an idle one in its place. */
import { type Bench, BenchTenant } from '../bench.ts';
import { type Figure, figure, interleaved, median, ratios } from '../measure.ts';
import { pending, seed } from '../seed.ts';
import { latenciesMs } from './latency.ts';

/** Discard: nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9/';
const PER_SECOND = 100;

export async function deadHook(bench: Bench): Promise<Figure[]> {
  const data = bench.dataFolder();
  const seeded = await filled(bench, data, bench.size(99_000, 200));
  await using relay = await bench.relay(data);
  const paced = bench.size(PER_SECOND, 10);
  const burst = bench.size(500, 20);
  const round = async (made: BenchTenant) => {
    const tenant = made.on(relay);
    const path = pathOf(tenant);
    const latencyMs = median(await latenciesMs(bench, tenant, path, paced, PER_SECOND));
    await bench.receiver.ask('reset', path);
    const startMs = performance.now();
    await bench.load.ask('perSecond', tenant.batch(burst));
    await bench.receiver.ask('arrivals', path, burst);
    return { latencyMs, perSecond: burst / ((performance.now() - startMs) / 1000) };
  };
  const rounds = await interleaved(bench.rounds, {
    dead: () => round(seeded.dead),
    idle: () => round(seeded.idle),
  });
  const latency = ratios(
    rounds.dead.map(({ latencyMs }) => latencyMs),
    rounds.idle.map(({ latencyMs }) => latencyMs),
  );
  const throughput = ratios(
    rounds.dead.map(({ perSecond }) => perSecond),
    rounds.idle.map(({ perSecond }) => perSecond),
  );
  return [
    figure('deadHook.latencyRatio', 'times', latency, { atMost: 1.25 }),
    figure('deadHook.throughputRatio', 'times', throughput, { atLeast: 0.8 }),
  ];
}

async function filled(bench: Bench, data: string, count: number) {
  await using relay = await bench.relay(data, 'seeded');
  const made = { dead: await BenchTenant.make(relay, 'dead'), idle: await BenchTenant.make(relay, 'idle') };
  for (const tenant of Object.values(made)) {
    await tenant.api.createHook({ url: bench.target(pathOf(tenant)) });
    const other = await tenant.api.createHook({ url: NOWHERE, paused: true });
    await bench.load.ask('perSecond', tenant.batch(1));
    await pending(tenant, [other.id], 1);
    if (tenant !== made.dead) continue;
    await seed(relay, tenant, other.id, { count, subjects: count, isBlocked: false });
    await tenant.api.patchHook(other.id, { paused: false });
  }
  await relay.stop();
  return made;
}

function pathOf(tenant: BenchTenant): string {
  return `/beside-${tenant.id}`;
}
