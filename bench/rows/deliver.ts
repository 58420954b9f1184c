/** How fast one hook's queue is emptied, against an object that sends the same requests and stores nothing. */
import { bareLoop, drain, type Drained, type Loop } from '../drain.ts';
import { type Bench, BenchTenant } from '../bench.ts';
import { type Figure, figure, interleaved, ratios } from '../measure.ts';
import { pending, seed } from '../seed.ts';

const SLOW_MS = 20;

const QUEUES = {
  fifo: { ordering: 'fifo', concurrency: 1 },
  six: { ordering: 'subject', concurrency: 6 },
  slowOne: { ordering: 'subject', concurrency: 1 },
  slowSix: { ordering: 'subject', concurrency: 6 },
} as const;
type Queue = keyof typeof QUEUES;

export async function deliver(bench: Bench): Promise<Figure[]> {
  const fast = bench.size(2200, 30);
  const slow = bench.size(240, 12);
  const data = bench.dataFolder();
  const queued = bench.size(20_000, 100);
  const { tenant: seeded, hooks, body } = await filled(bench, data, queued);

  await using relay = await bench.relay(data);
  const tenant = seeded.on(relay);
  const queue = (name: Queue, count: number, receiverMs = 0) =>
    drain(bench, tenant, hooks[name], count, receiverMs);
  const bare = (loop: Loop) => bareLoop(bench, body, loop);

  const quick = await interleaved(bench.rounds, {
    fifo: () => queue('fifo', fast),
    bareOne: () => bare({ count: fast, inFlight: 1 }),
    committedOne: () => bare({ count: fast, inFlight: 1, isCommitted: true }),
    six: () => queue('six', fast),
    bareSix: () => bare({ count: fast, inFlight: 6 }),
  });
  const late = await interleaved(bench.rounds, {
    one: () => queue('slowOne', slow / 6, SLOW_MS),
    six: () => queue('slowSix', slow, SLOW_MS),
    bareSix: () => bare({ count: slow, inFlight: 6, receiverMs: SLOW_MS }),
  });

  const [fifo, bareOne] = [perSecond(quick.fifo), perSecond(quick.bareOne)];
  const [six, bareSix] = [perSecond(quick.six), perSecond(quick.bareSix)];
  const [lateOne, lateSix] = [perSecond(late.one), perSecond(late.six)];
  const ownMs = fifo.map((rate, round) => 1000 / rate - 1000 / (bareOne[round] ?? NaN));
  return [
    figure('deliver.fifo.perSecond', 'a second', fifo),
    figure('deliver.fifo.barePerSecond', 'a second', bareOne),
    figure('deliver.fifo.ratioToBareLoop', 'times', ratios(fifo, bareOne), { atLeast: 0.55 }),
    // What a commit for each delivery leaves at the best, on this disk.
    figure('deliver.fifo.committedLoopToBareLoop', 'times', ratios(perSecond(quick.committedOne), bareOne)),
    figure('deliver.overheadMs', 'ms', ownMs, { atMost: 2 }),
    figure('deliver.concurrent6.perSecond', 'a second', six),
    figure('deliver.concurrent6.barePerSecond', 'a second', bareSix),
    figure('deliver.concurrent6.ratioToBareLoop', 'times', ratios(six, bareSix), { atLeast: 0.5 }),
    figure('deliver.concurrent6.perSecond20ms', 'a second', lateSix),
    figure('deliver.concurrent6.ratioToBareLoop20ms', 'times', ratios(lateSix, perSecond(late.bareSix)), {
      atLeast: 0.9,
    }),
    figure('deliver.concurrent6.ratioToConcurrency1', 'times', ratios(lateSix, lateOne), { atLeast: 3 }),
  ];
}

/** A tenant whose paused hooks have that many pending each; and a body as it goes out. */
async function filled(bench: Bench, data: string, count: number) {
  await using relay = await bench.relay(data, 'seeded');
  const tenant = await BenchTenant.make(relay, 'deliver');
  const hooks = {} as Record<Queue, { id: number; path: string }>;
  for (const name of Object.keys(QUEUES) as Queue[]) {
    const path = `/deliver-${name}`;
    const { id } = await tenant.api.createHook({ ...QUEUES[name], url: bench.target(path), paused: true });
    hooks[name] = { id, path };
  }
  await bench.load.ask('perSecond', tenant.batch(1));
  const [event] = await tenant.api.events();
  await pending(
    tenant,
    Object.values(hooks).map(({ id }) => id),
    1,
  );
  for (const [name, { id }] of Object.entries(hooks)) {
    await seed(relay, tenant, id, { count, subjects: name === 'fifo' ? null : 5000, isBlocked: false });
  }
  await relay.stop();
  return { tenant, hooks, body: JSON.stringify(event) };
}

function perSecond(rounds: readonly Drained[]): number[] {
  return rounds.map((round) => round.perSecond);
}
