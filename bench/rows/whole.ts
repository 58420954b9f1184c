/**
 * What a delivered event costs while others come in: 32 connections post to one hook while it delivers, from the first post
 * to the last arrival; against the same way without storage, of a Worker that hands the body to an object by RPC, which
 * answers, signs and sends it on.
 */
import { type Bench, BenchTenant } from '../bench.ts';
import { type Figure, figure, interleaved, ratios } from '../measure.ts';
import { proportionalMiB, treeProcessorMs } from '../resources.ts';

const MODES = {
  fifo: { ordering: 'fifo', concurrency: 1 },
  six: { ordering: 'none', concurrency: 6 },
} as const;
type Mode = keyof typeof MODES;

const ROUNDS = 3;

interface Run {
  readonly perSecond: number;
  readonly processorMs: number;
  /** Of those that had been accepted when the last of them was, how many had arrived: from 0 to 1. */
  readonly whileAccepting: number;
}

export async function whole(bench: Bench): Promise<Figure[]> {
  const count = bench.size(5000, 60);
  const data = bench.dataFolder();
  await using relay = await bench.relay(data);
  const tenants: Partial<Record<Mode, BenchTenant>> = {};
  for (const mode of Object.keys(MODES) as Mode[]) {
    const tenant = await BenchTenant.make(relay, `whole-${mode}`);
    await tenant.api.createHook({ url: bench.target(`/whole-${mode}`), ...MODES[mode] });
    tenants[mode] = tenant;
  }
  const memory = {
    relay: () => proportionalMiB(relay.pid, relay.dataDir),
    bare: () => proportionalMiB(bench.bare.pid, bench.bareFolder),
  };
  const rest = { relay: memory.relay(), bare: memory.bare() };
  const ours = async (mode: Mode) => {
    const tenant = tenants[mode];
    if (tenant === undefined) throw new Error(mode);
    return run(bench, `/whole-${mode}`, tenant.batch(count), () => treeProcessorMs(relay.pid, relay.dataDir));
  };
  const bare = (mode: Mode) => {
    const path = `/bare-${mode}`;
    const { concurrency } = MODES[mode];
    const url = bench.bareWay('path', { url: bench.target(path), name: mode, atOnce: String(concurrency) });
    const batch = { url, secret: 'bare', name: `bare-${performance.now()}`, count, subjects: count };
    return run(bench, path, batch, () => treeProcessorMs(bench.bare.pid, bench.bareFolder));
  };
  const runs = await interleaved(bench.size(ROUNDS, 1), {
    fifo: () => ours('fifo'),
    bareFifo: () => bare('fifo'),
    six: () => ours('six'),
    bareSix: () => bare('six'),
  });
  const loaded = { relay: memory.relay(), bare: memory.bare() };
  const each = (side: keyof typeof runs, member: keyof Run) => runs[side].map((one) => one[member]);
  const perEvent = (side: keyof typeof runs) => each(side, 'processorMs').map((ms) => ms / count);
  const lower = (one: number[], other: number[]) => one.map((value, n) => Math.min(value, other[n] ?? NaN));
  const cpu = {
    fifo: ratios(perEvent('bareFifo'), perEvent('fifo')),
    six: ratios(perEvent('bareSix'), perEvent('six')),
  };
  const rate = {
    fifo: ratios(each('fifo', 'perSecond'), each('bareFifo', 'perSecond')),
    six: ratios(each('six', 'perSecond'), each('bareSix', 'perSecond')),
  };
  return [
    figure('whole.fifo.cpuMs', 'ms', perEvent('fifo')),
    figure('whole.fifo.bareCpuMs', 'ms', perEvent('bareFifo')),
    figure('whole.six.cpuMs', 'ms', perEvent('six')),
    figure('whole.six.bareCpuMs', 'ms', perEvent('bareSix')),
    figure('whole.cpuRatioToBare', 'times', lower(cpu.fifo, cpu.six), { atLeast: 0.6 }),
    figure('whole.fifo.deliveredPerSecond', 'a second', each('fifo', 'perSecond')),
    figure('whole.fifo.barePerSecond', 'a second', each('bareFifo', 'perSecond')),
    figure('whole.six.deliveredPerSecond', 'a second', each('six', 'perSecond')),
    figure('whole.six.barePerSecond', 'a second', each('bareSix', 'perSecond')),
    figure('whole.ratioToBare', 'times', lower(rate.fifo, rate.six), { atLeast: 0.55 }),
    figure('whole.deliveredWhileAccepting', 'times', each('six', 'whileAccepting'), { atLeast: 0.5 }),
    figure('whole.fifo.deliveredWhileAccepting', 'times', each('fifo', 'whileAccepting'), { atLeast: 0.25 }),
    figure('whole.six.bareDeliveredWhileAccepting', 'times', each('bareSix', 'whileAccepting')),
    figure('memory.restMiB', 'MiB', [rest.relay]),
    figure('memory.bareRestMiB', 'MiB', [rest.bare]),
    figure('memory.restRatioToBare', 'times', [rest.relay / rest.bare], { atMost: 1.1 }),
    figure('memory.loadMiB', 'MiB', [loaded.relay]),
    figure('memory.loadRatioToBare', 'times', [loaded.relay / loaded.bare], { atMost: 1.3 }),
  ];
}

async function run(
  bench: Bench,
  path: string,
  batch: ReturnType<BenchTenant['batch']>,
  usedMs: () => number,
): Promise<Run> {
  await bench.receiver.ask('reset', path);
  const beforeMs = usedMs();
  const { firstMs, lastMs } = await bench.load.ask('posted', batch);
  const { atMs } = await bench.receiver.ask('arrivals', path, batch.count);
  const processorMs = usedMs() - beforeMs;
  const arrived = atMs.filter((ms) => ms <= lastMs).length;
  return {
    perSecond: batch.count / (((atMs.at(-1) ?? NaN) - firstMs) / 1000),
    processorMs,
    whileAccepting: arrived / batch.count,
  };
}
