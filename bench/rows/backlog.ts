/** A queue of a million: what comes in and what goes out, against a queue of a thousand; and the memory it takes. */
import type { Relay } from '../../test/support/relay.ts';
import { type Bench, BenchTenant } from '../bench.ts';
import { drain } from '../drain.ts';
import { type Figure, figure, interleaved, median, ratios } from '../measure.ts';
import { queuedMs } from '../queued.ts';
import { residentMiB } from '../resources.ts';
import { pending, seed } from '../seed.ts';

const TYPE = 'bench.queued.happened';
const HOOK_ID = 1;

export async function backlog(bench: Bench): Promise<Figure[]> {
  await using relay = await bench.relay(bench.dataFolder(), 'seeded');
  const drained = bench.size(200, 10);
  const [long, short] = [await BenchTenant.make(relay, 'long'), await BenchTenant.make(relay, 'short')];
  await fill(bench, relay, long, bench.size(1_000_000, 2000));
  await fill(bench, relay, short, 1000 + drained * (bench.rounds + 1));
  // What was seeded counts from the next start on.
  await relay.restart();

  let rssMiB = 0;
  const round = async (tenant: BenchTenant) => {
    const enqueuedMs: number[] = [];
    for (let n = 0; n < bench.size(20, 2); n += 1)
      enqueuedMs.push(await queuedMs(tenant, TYPE, [HOOK_ID], 1));
    const { tookMs } = await drain(bench, tenant, { id: HOOK_ID, path: pathOf(tenant) }, drained);
    rssMiB = Math.max(rssMiB, residentMiB(relay));
    return { enqueueMs: median(enqueuedMs), nextMs: tookMs / drained };
  };
  const rounds = await interleaved(bench.rounds, { long: () => round(long), short: () => round(short) });
  const ofEach = (what: 'enqueueMs' | 'nextMs') =>
    ratios(
      rounds.long.map((each) => each[what]),
      rounds.short.map((each) => each[what]),
    );
  const [enqueue, next] = [ofEach('enqueueMs'), ofEach('nextMs')];
  const worse = median(enqueue) > median(next) ? enqueue : next;
  return [
    figure('backlog.enqueueRatio', 'times', enqueue),
    figure('backlog.nextRatio', 'times', next),
    figure('backlog.millionRatio', 'times', worse, { atMost: 1.5 }),
    figure('backlog.rssMiB', 'MiB', [rssMiB], { atMost: 512 }),
  ];
}

async function fill(bench: Bench, relay: Relay, tenant: BenchTenant, count: number): Promise<void> {
  await tenant.api.createHook({ url: bench.target(pathOf(tenant)), paused: true });
  await queuedMs(tenant, TYPE, [HOOK_ID], 1);
  await pending(tenant, [HOOK_ID], 1);
  await seed(relay, tenant, HOOK_ID, { count: count - 1, subjects: 1000, isBlocked: false });
}

function pathOf(tenant: BenchTenant): string {
  return `/backlog-${tenant.id}`;
}
