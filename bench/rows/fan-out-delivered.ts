/** One event to many hooks that deliver it, until the last one has: with none of them in memory, and once all are awake. */
import { inParallel } from '../../src/storage/in-parallel.ts';
import { type Bench, BenchTenant } from '../bench.ts';
import { bareLoop } from '../drain.ts';
import { type Figure, figure, ratios } from '../measure.ts';
import { treeProcessorMs } from '../resources.ts';

const PATH = '/fanned-out';
const TYPE = 'bench.fanned.out';
/** Of one hook more: the first events of a process pay for the process. */
const FIRST = { path: '/first', type: 'bench.first', events: 20 };
const MADE_AT_ONCE = 8;
const BODY_BYTES = 1_500;
/** Each begins with a relay that starts anew. */
const ROUNDS = 3;

export async function fanOutDelivered(bench: Bench): Promise<Figure[]> {
  const hooks = bench.size(300, 8);
  const data = bench.dataFolder();
  const made = await register(bench, data, hooks);
  const body = JSON.stringify({ type: TYPE, data: 'x'.repeat(BODY_BYTES) });
  const cold: number[] = [];
  const warm: number[] = [];
  const bare: number[] = [];
  await bareLoop(bench, body, { count: hooks, inFlight: 1 });
  for (let round = 0; round < bench.size(ROUNDS, 1); round += 1) {
    await using relay = await bench.relay(data);
    const delivered = () => deliveredMs(bench, made.on(relay), TYPE, PATH, hooks);
    for (let n = 0; n < bench.size(FIRST.events, 1); n += 1)
      await deliveredMs(bench, made.on(relay), FIRST.type, FIRST.path, 1);
    cold.push(await delivered());
    await delivered();
    warm.push(await delivered());
    bare.push((await bareLoop(bench, body, { count: hooks, inFlight: 1 })).tookMs);
    await relay.stop();
  }
  const spread = await toHundred(bench);
  const perHook = (tookMs: readonly number[]) => tookMs.map((ms) => ms / hooks);
  return [
    figure('fanOut.deliveredPerHookMs.cold', 'ms', perHook(cold)),
    figure('fanOut.deliveredPerHookMs.warm', 'ms', perHook(warm)),
    figure('fanOut.deliveredPerHookMs.bareLoop', 'ms', perHook(bare)),
    figure('fanOut.deliveredRatioToBareLoop.cold', 'times', ratios(cold, bare), { atMost: 8 }),
    figure('fanOut.deliveredRatioToBareLoop.warm', 'times', ratios(warm, bare), { atMost: 8 }),
    ...spread,
  ];
}

interface Spread {
  readonly tookMs: number;
  readonly processorMs: number;
}

/** One event to 100 hooks, against one object that calls 100 others, each of which signs and sends, and stores nothing. */
async function toHundred(bench: Bench): Promise<Figure[]> {
  const hooks = bench.size(100, 4);
  const data = bench.dataFolder();
  const made = await register(bench, data, hooks);
  const cold: Spread[] = [];
  const warm: Spread[] = [];
  const bare: Spread[] = [];
  const path = '/spread';
  const url = bench.bareWay('spread', { url: bench.target(path), name: 'all', objects: String(hooks) });
  const body = JSON.stringify({ type: TYPE, data: 'x'.repeat(BODY_BYTES) });
  const spread = async () => {
    const response = await fetch(url, { method: 'POST', body });
    if (!response.ok) throw new Error(`bare spread: ${response.status} ${await response.text()}`);
  };
  const measured = async (pid: number, folder: string, arrivesAt: string, begin: () => Promise<void>) => {
    await bench.receiver.ask('reset', arrivesAt);
    const beforeMs = treeProcessorMs(pid, folder);
    const startMs = performance.now();
    await begin();
    await bench.receiver.ask('arrivals', arrivesAt, hooks);
    return { tookMs: performance.now() - startMs, processorMs: treeProcessorMs(pid, folder) - beforeMs };
  };
  for (let warmUp = 0; warmUp < 2; warmUp += 1) await spread();
  for (let round = 0; round < bench.size(ROUNDS, 1); round += 1) {
    await using relay = await bench.relay(data);
    const tenant = made.on(relay);
    const ours = () => measured(relay.pid, relay.dataDir, PATH, () => publish(tenant, TYPE));
    for (let n = 0; n < bench.size(FIRST.events, 1); n += 1)
      await deliveredMs(bench, tenant, FIRST.type, FIRST.path, 1);
    cold.push(await ours());
    await ours();
    warm.push(await ours());
    bare.push(await measured(bench.bare.pid, bench.bareFolder, path, spread));
    await relay.stop();
  }
  const took = (side: readonly Spread[]) => side.map(({ tookMs }) => tookMs);
  const used = (side: readonly Spread[]) => side.map(({ processorMs }) => processorMs);
  return [
    figure('fanOut.delivered100Ms', 'ms', took(warm)),
    figure('fanOut.bareSpread100Ms', 'ms', took(bare)),
    figure('fanOut.delivered100RatioToBare', 'times', ratios(took(warm), took(bare)), { atMost: 2 }),
    figure('fanOut.cpuPerDeliveryRatio', 'times', ratios(used(warm), used(bare)), { atMost: 2 }),
    figure('fanOut.coldToWarm100', 'times', ratios(took(cold), took(warm)), { atMost: 2.5 }),
  ];
}

async function register(bench: Bench, data: string, count: number): Promise<BenchTenant> {
  await using relay = await bench.relay(data);
  const tenant = await BenchTenant.make(relay, 'fanned');
  await inParallel(Array<null>(count).fill(null), MADE_AT_ONCE, async () => {
    await tenant.api.createHook({ url: bench.target(PATH), events: [TYPE] });
  });
  await tenant.api.createHook({ url: bench.target(FIRST.path), events: [FIRST.type] });
  await relay.stop();
  return tenant;
}

let published = 0;

/** From the call that publishes an event to its last arrival. */
async function deliveredMs(
  bench: Bench,
  tenant: BenchTenant,
  type: string,
  path: string,
  hooks: number,
): Promise<number> {
  await bench.receiver.ask('reset', path);
  const startMs = performance.now();
  await publish(tenant, type);
  await bench.receiver.ask('arrivals', path, hooks);
  return performance.now() - startMs;
}

async function publish(tenant: BenchTenant, type: string): Promise<void> {
  published += 1;
  const event = { specversion: '1.0', id: `fanned-${published}`, source: '/bench', type };
  await tenant.api.publish({ ...event, data: 'x'.repeat(BODY_BYTES) });
}
