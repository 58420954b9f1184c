/** From the moment an inbound request is sent to the moment a local program has it from `posthorn listen`. */
import { once } from 'node:events';
import { CommandLine } from '../../test/support/command.ts';
import { type Bench, BenchTenant } from '../bench.ts';
import { type Figure, figure, interleaved, quantile } from '../measure.ts';
import { latenciesMs } from './latency.ts';

const PER_SECOND = 100;
const PATHS = { listened: '/listened', posted: '/posted' } as const;
const NAME = 'bench';
const READY_WITHIN_MS = 10_000;

export async function listen(bench: Bench): Promise<Figure[]> {
  const folder = bench.dataFolder();
  await using relay = await bench.relay(folder);
  const listened = await BenchTenant.make(relay, 'listened');
  const posted = await BenchTenant.make(relay, 'posted');
  await posted.api.createHook({ url: bench.target(PATHS.posted) });
  const home = { HOME: folder, XDG_CONFIG_HOME: folder };
  const cli = new CommandLine({ ...home, POSTHORN_URL: relay.url, POSTHORN_KEY: listened.key });
  const listener = cli.start('listen', '--forward', bench.target(PATHS.listened), '--name', NAME, '--json');
  try {
    await ready(listener);
    const count = bench.size(2 * PER_SECOND, 10);
    const rounds = await interleaved(bench.rounds, {
      listened: () => latenciesMs(bench, listened, PATHS.listened, count, PER_SECOND),
      posted: () => latenciesMs(bench, posted, PATHS.posted, count, PER_SECOND),
    });
    const at = (side: keyof typeof rounds, part: number) => rounds[side].map((ms) => quantile(ms, part));
    return [
      figure('listen.p50Ms', 'ms', at('listened', 0.5), { atMost: 15 }),
      figure('listen.p95Ms', 'ms', at('listened', 0.95)),
      figure('listen.postedP50Ms', 'ms', at('posted', 0.5)),
    ];
  } finally {
    const ended = once(listener, 'close');
    listener.kill('SIGKILL');
    await ended;
  }
}

async function ready({ stdout, stderr }: ReturnType<CommandLine['start']>): Promise<void> {
  stdout.resume();
  let said = '';
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => reject(new Error(`posthorn listen is not ready: ${said}`)), READY_WITHIN_MS);
  stderr.on('data', (text: string) => {
    said += text;
    if (said.includes('ready:')) resolve(undefined);
  });
  await promise;
  clearTimeout(timer);
}
