/**
 * How many events are taken in a second: signed by a provider or published with a key, stored and answered; against a Worker
 * that greets, and one that reads the same body and hands it to an object by RPC.
 */
import { Api } from '../../test/support/api.ts';
import { type Bench, BenchTenant } from '../bench.ts';
import { type Figure, figure, interleaved, ratios } from '../measure.ts';

const WAYS = ['inbound', 'publisher', 'tenant', 'admin'] as const;

export async function accept(bench: Bench): Promise<Figure[]> {
  await using relay = await bench.relay(bench.dataFolder());
  const tenant = await BenchTenant.make(relay, 'accept');
  const count = bench.size(1500, 40);
  const rate = (batch: ReturnType<BenchTenant['batch']>) => bench.load.ask('perSecond', batch);
  const operator = new Api(relay.url, relay.adminKey, tenant.id);
  const { key: tenantKey } = await operator.createKey();
  const { key: publisherKey } = await operator.createKey('publisher');
  const runs = await interleaved(bench.rounds, {
    inbound: () => rate(tenant.batch(count)),
    publisher: () => rate(tenant.published(count, publisherKey)),
    tenant: () => rate(tenant.published(count, tenantKey)),
    // It publishes for the tenant that is there from the start.
    admin: () => rate(tenant.published(count, relay.adminKey)),
    hello: () => rate({ ...tenant.batch(2 * count), url: bench.bareUrl }),
    rpc: () => rate({ ...tenant.batch(count), url: bench.bareWay('take') }),
  });
  return [
    figure('accept.perSecond', 'a second', runs.inbound),
    figure('accept.barePerSecond', 'a second', runs.hello),
    figure('accept.ratioToBareWorker', 'times', ratios(runs.inbound, runs.hello), { atLeast: 0.35 }),
    figure('accept.bareRpcPerSecond', 'a second', runs.rpc),
    ...WAYS.map((way) =>
      figure(`accept.ratioToBareRpc.${way}`, 'times', ratios(runs[way], runs.rpc), { atLeast: 0.6 }),
    ),
  ];
}
