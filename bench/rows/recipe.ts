/** What it costs that a provider is data: the same signed events taken by hand-written code and by a recipe that says the same. */
import { type Bench, BENCH_SECRET, BenchTenant } from '../bench.ts';
import { type Figure, figure, interleaved, ratios } from '../measure.ts';

/** SuperOffice, as a user could describe it. */
const RECIPE = {
  verify: [
    {
      scheme: 'hmac',
      digest: 'sha256',
      signature: { header: 'x-superoffice-signature', encoding: 'base64' },
      message: ['{body}'],
    },
  ],
  event: {
    entity: '{/Entity}',
    action: '{/Event|after:.}',
    name: '{/Event}',
    id: '{/EventId}',
    entityId: '{/PrimaryKey}',
    time: '{/Timestamp}',
    account: '{/ContextIdentifier}',
    actor: '{/ChangedByAssociateId}',
  },
};

export async function recipe(bench: Bench): Promise<Figure[]> {
  await using relay = await bench.relay(bench.dataFolder());
  const tenant = await BenchTenant.make(relay, 'recipe');
  const members = { provider: 'custom', name: 'recipe', secret: BENCH_SECRET, recipe: RECIPE };
  const { inboundUrl } = await tenant.api.createSource(members);
  const count = bench.size(1_000, 40);
  const { code, data } = await interleaved(bench.rounds, {
    code: () => bench.load.ask('perSecond', tenant.batch(count)),
    data: () => bench.load.ask('perSecond', { ...tenant.batch(count), url: inboundUrl }),
  });
  return [figure('accept.recipeRatio', 'times', ratios(code, data), { atMost: 1.15 })];
}
