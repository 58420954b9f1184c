/** What a hundred thousand hooks of five patterns of their own cost the log that holds them: to open, and in memory. */
import { type Bench, BenchTenant } from '../bench.ts';
import { type Figure, figure, median } from '../measure.ts';
import { processorMs, residentMiB } from '../resources.ts';
import { register } from '../seed.ts';
import type { Relay } from '../../test/support/relay.ts';

const MATCHING = 10;
const PATTERNS_OF_EACH = 5;
const TYPE = 'bench.matched.happened';
const ROUNDS = 3;

export async function matcher(bench: Bench): Promise<Figure[]> {
  const hooks = bench.size(100_000, 200);
  const events = bench.size(60, 3);
  const many = await made(bench, ['early', 'few', 'crowded'], hooks);
  const few = await made(bench, ['early', 'few'], 0);
  const openMs: { few: number[]; crowded: number[] } = { few: [], crowded: [] };
  const rssMiB: { few: number[]; crowded: number[] } = { few: [], crowded: [] };
  for (let round = 0; round < bench.size(ROUNDS, 1); round += 1) {
    {
      await using relay = await bench.relay(many.data);
      // The first log of a process pays for the process.
      await openingMs(relay, many.tenants.early);
      openMs.few.push(await openingMs(relay, many.tenants.few));
      openMs.crowded.push(await openingMs(relay, many.tenants.crowded));
      await deliver(bench, relay, many.tenants.crowded, events);
      rssMiB.crowded.push(residentMiB(relay));
      await relay.stop();
    }
    await using relay = await bench.relay(few.data);
    await openingMs(relay, few.tenants.early);
    await deliver(bench, relay, few.tenants.few, events);
    rssMiB.few.push(residentMiB(relay));
    await relay.stop();
  }
  return [
    figure('matcher.openFewMs', 'ms', openMs.few),
    figure('matcher.openMs', 'ms', openMs.crowded, { atMost: 50 }),
    figure('matcher.fewRssMiB', 'MiB', rssMiB.few),
    figure('matcher.rssMiB', 'MiB', [median(rssMiB.crowded) - median(rssMiB.few)], { atMost: 100 }),
  ];
}

type Name = 'early' | 'few' | 'crowded';

/** Tenants with the same ten hooks each, and in `crowded` with many more of patterns of their own. */
async function made(bench: Bench, names: readonly Name[], count: number) {
  const data = bench.dataFolder();
  await using relay = await bench.relay(data, 'seeded');
  const tenants = {} as Record<Name, BenchTenant>;
  for (const name of names) {
    tenants[name] = await BenchTenant.make(relay, name);
    for (let n = 0; n < MATCHING; n += 1)
      await tenants[name].api.createHook({ url: bench.target(pathOf(tenants[name])), events: [TYPE] });
    if (name === 'crowded') await register(relay, tenants[name], count - MATCHING, PATTERNS_OF_EACH);
  }
  await relay.stop();
  return { data, tenants };
}

/** Of processor, for the first call that a log answers: it has to be opened for it. */
async function openingMs(relay: Relay, tenant: BenchTenant): Promise<number> {
  const beforeMs = processorMs(relay);
  await tenant.on(relay).api.expect(200, 'GET', '/v1/sources');
  return processorMs(relay) - beforeMs;
}

/** Events that the ten hooks get, each beside one that nobody wants. */
async function deliver(bench: Bench, relay: Relay, tenant: BenchTenant, events: number): Promise<void> {
  const path = pathOf(tenant);
  const { api } = tenant.on(relay);
  await bench.receiver.ask('reset', path);
  for (let n = 0; n < events; n += 1) {
    const id = `${tenant.id}-${performance.now()}-${n}`;
    const event = { specversion: '1.0', id, source: '/bench' };
    await api.publish({ ...event, type: TYPE });
    await api.publish({ ...event, id: `${id}-unseen`, type: `bench.unseen.kind${n}` });
  }
  await bench.receiver.ask('arrivals', path, events * MATCHING);
}

function pathOf(tenant: BenchTenant): string {
  return `/matched-${tenant.id}`;
}
