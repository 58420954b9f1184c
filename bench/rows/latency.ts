/** From the moment an inbound request is sent to the moment the receiver has it, at an even pace. */
import { type Bench, BenchTenant } from '../bench.ts';
import { type Figure, figure, interleaved, quantile, ratios } from '../measure.ts';

const PER_SECOND = 100;
/** As a company's systems send on a busy day. */
const CALM_PER_SECOND = 50;
const PATH = '/latency';
const BARE_PATH = '/bare-latency';

export async function latency(bench: Bench): Promise<Figure[]> {
  await using relay = await bench.relay(bench.dataFolder());
  const tenant = await BenchTenant.make(relay, 'latency');
  await tenant.api.createHook({ url: bench.target(PATH) });
  const count = bench.size(2 * PER_SECOND, 10);
  const { rounds } = await interleaved(bench.rounds, {
    rounds: () => latenciesMs(bench, tenant, PATH, count, PER_SECOND),
  });
  const calm = bench.size(2 * CALM_PER_SECOND, 10);
  const sides = await interleaved(bench.rounds, {
    relay: () => latenciesMs(bench, tenant, PATH, calm, CALM_PER_SECOND),
    bare: () => bareLatenciesMs(bench, tenant, calm),
  });
  const p50 = (side: keyof typeof sides) => sides[side].map((round) => quantile(round, 0.5));
  const at = (part: number) => rounds.map((round) => quantile(round, part));
  return [
    figure('latency.p50Ms', 'ms', at(0.5), { atMost: 10 }),
    figure('latency.p95Ms', 'ms', at(0.95), { atMost: 25 }),
    figure('latency.p99Ms', 'ms', at(0.99), { atMost: 50 }),
    figure('latency.calmP50Ms', 'ms', p50('relay')),
    figure('latency.bareCalmP50Ms', 'ms', p50('bare')),
    figure('latency.ratioToBare', 'times', ratios(p50('relay'), p50('bare')), { atMost: 2 }),
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

/** The same of the way without storage, which tells nothing of the events: they arrive in the order in which they were sent. */
async function bareLatenciesMs(bench: Bench, tenant: BenchTenant, count: number): Promise<number[]> {
  await bench.receiver.ask('reset', BARE_PATH);
  const url = bench.bareWay('path', { url: bench.target(BARE_PATH), name: 'latency', atOnce: '1' });
  const sentAtMs = await bench.load.ask('paced', { ...tenant.batch(count), url }, CALM_PER_SECOND);
  const { atMs } = await bench.receiver.ask('arrivals', BARE_PATH, count);
  return sentAtMs.map((sent, number) => (atMs[number] ?? NaN) - sent);
}
