/** One event to ten hooks: among ten registered, and among a hundred thousand that do not want it. */
import { type Bench, BenchTenant } from '../bench.ts';
import { type Figure, figure, interleaved, median, ratios } from '../measure.ts';
import { queuedMs } from '../queued.ts';
import { register } from '../seed.ts';

const MATCHING = 10;
const LOOK_EVERY_MS = 2;
const TYPE = 'bench.routed.happened';

export async function routing(bench: Bench): Promise<Figure[]> {
  const data = bench.dataFolder();
  const seeded = await registered(bench, data, bench.size(100_000, 200));
  await using relay = await bench.relay(data);
  const [many, few] = [seeded.many.on(relay), seeded.few.on(relay)];
  const events = bench.size(20, 2);
  const middleMs = async (tenant: BenchTenant) => {
    const eachMs: number[] = [];
    for (let n = 0; n < events; n += 1)
      eachMs.push(await queuedMs(tenant, TYPE, seeded.hookIds, LOOK_EVERY_MS));
    return median(eachMs);
  };
  const rounds = await interleaved(bench.rounds, { many: () => middleMs(many), few: () => middleMs(few) });
  return [
    figure('routing.registered10Ms', 'ms', rounds.few),
    figure('routing.registered100kMs', 'ms', rounds.many),
    figure('routing.registered100kRatio', 'times', ratios(rounds.many, rounds.few), { atMost: 1.5 }),
  ];
}

/** Two tenants with the same hooks, one of them with many more. */
async function registered(bench: Bench, data: string, count: number) {
  await using relay = await bench.relay(data, 'seeded');
  const [many, few] = [await BenchTenant.make(relay, 'many'), await BenchTenant.make(relay, 'few')];
  const hookIds: number[] = [];
  for (const tenant of [many, few]) {
    for (let id = 1; id <= MATCHING; id += 1) {
      const hook = await tenant.api.createHook({
        url: bench.target('/routing'),
        paused: true,
        events: [TYPE],
      });
      if (tenant === few) hookIds.push(hook.id);
    }
  }
  await register(relay, many, count - MATCHING);
  await relay.stop();
  return { many, few, hookIds };
}
