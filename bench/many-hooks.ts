/** A data folder with 1,000 hooks, made once by the API for all that measure on it. */
import { type Bench, BenchTenant } from './bench.ts';

export interface HookGroup {
  /** How many hooks follow the type. */
  readonly size: number;
  readonly type: string;
  readonly hookIds: readonly number[];
}

export interface ManyHooks {
  readonly dataFolder: string;
  readonly tenant: BenchTenant;
  /** Each within the next, from few to all. */
  readonly groups: readonly HookGroup[];
}

const MADE_AT_ONCE = 8;
const made = new WeakMap<Bench, Promise<ManyHooks>>();

export function manyHooks(bench: Bench): Promise<ManyHooks> {
  let hooks = made.get(bench);
  if (hooks === undefined) made.set(bench, (hooks = make(bench)));
  return hooks;
}

async function make(bench: Bench): Promise<ManyHooks> {
  const dataFolder = bench.dataFolder();
  const sizes = [bench.size(100, 3), bench.size(300, 9), bench.size(1000, 30)];
  const kinds = sizes.map((size) => ({ size, type: `bench.to${size}.happened` }));
  await using relay = await bench.relay(dataFolder);
  const tenant = await BenchTenant.make(relay, 'many');
  const ids: number[] = [];
  const numbers = Array.from({ length: Math.max(...sizes) }, (_, number) => number).values();
  const worker = async () => {
    for (const number of numbers) {
      const events = kinds.filter(({ size }) => number < size).map(({ type }) => type);
      const { id } = await tenant.api.createHook({ url: bench.target('/many'), paused: true, events });
      ids[number] = id;
    }
  };
  await Promise.all(Array.from({ length: MADE_AT_ONCE }, worker));
  await relay.stop();
  const groups = kinds.map((kind) => ({
    ...kind,
    hookIds: ids.slice(0, kind.size).sort((a, b) => a - b),
  }));
  return { dataFolder, tenant, groups };
}
