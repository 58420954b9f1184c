/** How many events a second are taken in: signed, stored and answered; against a Worker that only greets. */
import { type Bench, BenchTenant } from '../bench.ts';
import { type Figure, figure, interleaved, ratios } from '../measure.ts';

export async function accept(bench: Bench): Promise<Figure[]> {
  await using relay = await bench.relay(bench.dataFolder());
  const tenant = await BenchTenant.make(relay, 'accept');
  const count = bench.size(1500, 40);
  const { accepted, bare } = await interleaved(bench.rounds, {
    accepted: () => bench.load.ask('perSecond', tenant.batch(count)),
    bare: () => bench.load.ask('perSecond', { ...tenant.batch(2 * count), url: bench.bareUrl }),
  });
  return [
    figure('accept.perSecond', 'a second', accepted),
    figure('accept.barePerSecond', 'a second', bare),
    figure('accept.ratioToBareWorker', 'times', ratios(accepted, bare), { atLeast: 0.35 }),
  ];
}
