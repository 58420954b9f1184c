/** How long a hook's deliveries take beside forty hooks whose objects hang, against the same hook alone. */
import { type Bench, BenchTenant } from '../bench.ts';
import { type Figure, figure, interleaved, median, ratios } from '../measure.ts';
import { HANGING } from '../workers/asked.ts';
import { latenciesMs } from './latency.ts';

const NEIGHBOURS = 40;
const PER_SECOND = 50;

export async function noisyNeighbour(bench: Bench): Promise<Figure[]> {
  await using relay = await bench.relay(bench.dataFolder(), 'hanging');
  const [beside, alone] = [await BenchTenant.make(relay, 'beside'), await BenchTenant.make(relay, 'alone')];
  for (const tenant of [beside, alone]) await tenant.api.createHook({ url: bench.target(pathOf(tenant)) });
  for (let n = 0; n < bench.size(NEIGHBOURS, 3); n += 1)
    await beside.api.createHook({ url: bench.target('/never'), name: HANGING });
  const count = bench.size(2 * PER_SECOND, 10);
  const middleMs = async (tenant: BenchTenant) =>
    median(await latenciesMs(bench, tenant, pathOf(tenant), count, PER_SECOND));
  const rounds = await interleaved(bench.rounds, {
    beside: () => middleMs(beside),
    alone: () => middleMs(alone),
  });
  return [
    figure('noisyNeighbour.besideMs', 'ms', rounds.beside),
    figure('noisyNeighbour.aloneMs', 'ms', rounds.alone),
    figure('noisyNeighbour.ratio', 'times', ratios(rounds.beside, rounds.alone), { atMost: 1.5 }),
  ];
}

function pathOf(tenant: BenchTenant): string {
  return `/neighbour-${tenant.id}`;
}
