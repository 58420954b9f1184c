/** What one viewer of a hook costs its deliveries: it is sent what each attempt came to. */
import { Connection } from '../../test/support/web-socket.ts';
import { type Bench, BenchTenant } from '../bench.ts';
import { drain } from '../drain.ts';
import { type Figure, figure, interleaved, ratios } from '../measure.ts';
import { pending, seed } from '../seed.ts';

const PATH = '/tail';
const ORDERING = { ordering: 'fifo', concurrency: 1 } as const;

export async function tail(bench: Bench): Promise<Figure[]> {
  const count = bench.size(1500, 30);
  const data = bench.dataFolder();
  const { seeded, hook } = await filled(bench, data, count * 2 * (bench.rounds + 2));
  await using relay = await bench.relay(data);
  const tenant = seeded.on(relay);
  let seen = 0;
  const { alone, watched } = await interleaved(bench.rounds, {
    alone: () => drain(bench, tenant, hook, count),
    watched: async () => {
      const url = `${relay.url}/v1/tail?hook=${hook.id}`;
      const viewer = new Connection(url, 'posthorn.tail.v1', tenant.key);
      await viewer.ready();
      const drained = await drain(bench, tenant, hook, count);
      viewer.close();
      seen += viewer.frames.length - 1;
      return drained;
    },
  });
  if (seen === 0 && !bench.isQuick) throw new Error('the viewer saw no attempt');
  const perSecond = (rounds: typeof alone) => rounds.map((round) => round.perSecond);
  return [
    figure('tail.watchedPerSecond', 'a second', perSecond(watched)),
    figure('tail.ratioToUnwatched', 'times', ratios(perSecond(watched), perSecond(alone)), { atLeast: 0.95 }),
  ];
}

async function filled(bench: Bench, data: string, count: number) {
  await using relay = await bench.relay(data, 'seeded');
  const seeded = await BenchTenant.make(relay, 'tail');
  const { id } = await seeded.api.createHook({ ...ORDERING, url: bench.target(PATH), paused: true });
  await bench.load.ask('perSecond', seeded.batch(1));
  await pending(seeded, [id], 1);
  await seed(relay, seeded, id, { count, subjects: null, isBlocked: false });
  await relay.stop();
  return { seeded, hook: { id, path: PATH } };
}
