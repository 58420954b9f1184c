/** From the moment an inbound request is sent to the moment the receiver has it, at an even pace. */
import { type Bench, BenchTenant } from '../bench.ts';
import { type Figure, figure, interleaved, quantile } from '../measure.ts';

const PER_SECOND = 100;
const PATH = '/latency';

export async function latency(bench: Bench): Promise<Figure[]> {
  await using relay = await bench.relay(bench.dataFolder());
  const tenant = await BenchTenant.make(relay, 'latency');
  await tenant.api.createHook({ url: bench.target(PATH) });
  const count = bench.size(2 * PER_SECOND, 10);
  const { rounds } = await interleaved(bench.rounds, {
    rounds: () => latenciesMs(bench, tenant, PATH, count, PER_SECOND),
  });
  const at = (part: number) => rounds.map((round) => quantile(round, part));
  return [
    figure('latency.p50Ms', 'ms', at(0.5), { atMost: 10 }),
    figure('latency.p95Ms', 'ms', at(0.95), { atMost: 25 }),
    figure('latency.p99Ms', 'ms', at(0.99), { atMost: 50 }),
  ];
}

/** One for each event of a batch, which arrives at `path`. */
export async function latenciesMs(
  bench: Bench,
  tenant: BenchTenant,
  path: string,
  count: number,
  perSecond: number,
): Promise<number[]> {
  const batch = tenant.batch(count);
  await bench.receiver.ask('reset', path);
  const sentAtMs = await bench.load.ask('paced', batch, perSecond);
  const { ids, atMs } = await bench.receiver.ask('arrivals', path, count);
  const arrivedAtMs = new Map(ids.map((id, index) => [id, atMs[index]]));
  return sentAtMs.map((sent, number) => (arrivedAtMs.get(`${batch.name}-${number}`) ?? NaN) - sent);
}
