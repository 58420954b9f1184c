/** How long what a receiver takes has to wait beside what it refuses, be it by a status for the request or for itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, BenchTenant } from '../bench.ts';
import { type Figure, figure } from '../measure.ts';

const REFUSED = 'bench.refused';
const GOOD = 'bench.good';
const FEW = 10;
const MANY = { refused: 100, good: 50 };
const LOOK_MS = 20;

export async function refused(bench: Bench): Promise<Figure[]> {
  await using relay = await bench.relay(bench.dataFolder());
  const tenant = await BenchTenant.make(relay, 'refused');
  const rounds = bench.size(3, 1);
  const after = async (status: number) => {
    const waits: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const hook = await Refusing.make(bench, tenant, `after-${status}-${round}`, status);
      for (let n = 0; n < FEW; n += 1) await hook.publish(REFUSED);
      await hook.hasFailed(status < 500 ? FEW : 5);
      waits.push(await hook.goodArrivesMs(1, () => hook.publish(GOOD)));
      await hook.pause();
    }
    return waits;
  };
  const mixed = async () => {
    const hook = await Refusing.make(bench, tenant, 'mixed', 422);
    const { refused, good } = { refused: bench.size(MANY.refused, 10), good: bench.size(MANY.good, 5) };
    return hook.goodArrivesMs(good, async () => {
      for (let n = 0; n < refused + good; n += 1)
        await hook.publish(n % Math.round((refused + good) / good) === 0 && n / 3 < good ? GOOD : REFUSED);
    });
  };
  return [
    figure('refused.goodWithinMs', 'ms', await after(422), { atMost: 2_000 }),
    figure('refused.goodInOutageWithinMs', 'ms', await after(500), { atMost: 10_000 }),
    figure('refused.mixedWithinMs', 'ms', [await mixed()], { atMost: 30_000 }),
  ];
}

/** A hook whose receiver refuses one type of event. */
class Refusing {
  readonly #bench: Bench;
  readonly #tenant: BenchTenant;
  readonly #path: string;
  readonly #hookId: number;
  #published = 0;

  private constructor(bench: Bench, tenant: BenchTenant, path: string, hookId: number) {
    this.#bench = bench;
    this.#tenant = tenant;
    this.#path = path;
    this.#hookId = hookId;
  }

  static async make(bench: Bench, tenant: BenchTenant, name: string, status: number): Promise<Refusing> {
    const path = `/refused-${name}`;
    await bench.receiver.ask('reset', path);
    await bench.receiver.ask('refuse', path, REFUSED, status);
    const events = [`${REFUSED}.${name}`, `${GOOD}.${name}`];
    const { id } = await tenant.api.createHook({ url: bench.target(path), events, ordering: 'none', name });
    return new Refusing(bench, tenant, path, id);
  }

  async publish(type: string): Promise<void> {
    this.#published += 1;
    await this.#tenant.api.publish({
      specversion: '1.0',
      id: `${this.#path}-${this.#published}`,
      source: '/bench',
      type: `${type}.${this.#path.slice('/refused-'.length)}`,
      subject: `${type}/${this.#published}`,
      data: {},
    });
  }

  async hasFailed(attempts: number): Promise<void> {
    for (;;) {
      const hook = await this.#tenant.api.expect(200, 'GET', `/v1/hooks/${this.#hookId}`);
      const { stats } = hook as { readonly stats: { readonly consecutiveFailures: number } };
      if (stats.consecutiveFailures >= attempts) return;
      await sleep(LOOK_MS);
    }
  }

  /** From before they are published to the last arrival of so many. */
  async goodArrivesMs(count: number, publish: () => Promise<void>): Promise<number> {
    const startMs = performance.now();
    await publish();
    await this.#bench.receiver.ask('arrivals', this.#path, count);
    return performance.now() - startMs;
  }

  /** Its retries disturb no other measurement. */
  async pause(): Promise<void> {
    await this.#tenant.api.patchHook(this.#hookId, { paused: true });
  }
}
