/** What all rows share: how much they do, who posts, who receives, the bare runtime, and relays to measure. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api } from '../test/support/api.ts';
import { type Relay, startRelay } from '../test/support/relay.ts';
import type { BareMethods } from './processes/bare.ts';
import { Process } from './processes/call.ts';
import type { Batch, LoadMethods } from './processes/load.ts';
import type { ReceiverMethods } from './processes/receiver.ts';

/** Of the sources that are posted to. */
export const BENCH_SECRET = 'bench';

/** A Worker that only the bench runs; null: the relay as it is. */
export type Variant = 'seeded' | 'counted' | 'hanging' | null;

export class Bench implements AsyncDisposable {
  readonly isQuick: boolean;
  readonly rounds: number;
  readonly load = new Process<LoadMethods>('load');
  readonly receiver = new Process<ReceiverMethods>('receiver');
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), 'posthorn-bench-')));
  readonly bareFolder = join(this.#folder, 'bare');
  readonly bare = new Process<BareMethods>('bare', [this.bareFolder]);
  #receiverUrl = '';
  #bareUrl = '';
  #folders = 0;

  private constructor(isQuick: boolean) {
    this.isQuick = isQuick;
    this.rounds = this.size(7, 1);
  }

  static async start(isQuick: boolean): Promise<Bench> {
    const bench = new Bench(isQuick);
    bench.#receiverUrl = `http://127.0.0.1:${await bench.receiver.ask('listen')}`;
    bench.#bareUrl = await bench.bare.ask('ready');
    return bench;
  }

  /** The number to measure with; the quick run only shows that the programs work. */
  size(full: number, quick: number): number {
    return this.isQuick ? quick : full;
  }

  get bareUrl(): string {
    return this.#bareUrl;
  }

  /** A way of the bare Worker, with what it is to do. */
  bareWay(path: string, query: Readonly<Record<string, string>> = {}): string {
    return `${this.#bareUrl}${path}?${new URLSearchParams(query).toString()}`;
  }

  /** A path of the receiver as a hook's URL. */
  target(path: string): string {
    return `${this.#receiverUrl}${path}`;
  }

  dataFolder(): string {
    this.#folders += 1;
    return join(this.#folder, `relay-${this.#folders}`);
  }

  relay(dataFolder: string, variant: Variant = null): Promise<Relay> {
    const program = variant === null ? [] : [join(import.meta.dirname, 'workers', `${variant}.ts`)];
    return startRelay({ dataDir: dataFolder, args: program });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bare.ask('stop').catch(() => undefined);
    await Promise.all([this.load, this.receiver, this.bare].map((each) => each[Symbol.asyncDispose]()));
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A tenant to measure in, with a source to post to. */
export class BenchTenant {
  readonly id: string;
  readonly #relay: Relay;
  readonly #token: string;
  readonly key: string;
  #batches = 0;

  private constructor(id: string, relay: Relay, token: string, key: string) {
    this.id = id;
    this.#relay = relay;
    this.#token = token;
    this.key = key;
  }

  static async make(relay: Relay, id: string): Promise<BenchTenant> {
    await new Api(relay.url, relay.adminKey).createTenant(id);
    const operator = new Api(relay.url, relay.adminKey, id);
    const { key } = await operator.createKey();
    const { inboundUrl } = await operator.createSource({
      provider: 'superoffice',
      name: id,
      secret: BENCH_SECRET,
    });
    return new BenchTenant(id, relay, new URL(inboundUrl).pathname, key);
  }

  /** Events that a key publishes: that of a tenant's publisher or owner, or the operator's, which names no tenant. */
  published(count: number, key: string, path = '/v1/events'): Batch {
    return { ...this.batch(count), url: `${this.#relay.url}${path}`, key };
  }

  /** The same tenant on a relay that now runs on the same data. */
  on(relay: Relay): BenchTenant {
    return new BenchTenant(this.id, relay, this.#token, this.key);
  }

  get api(): Api {
    return new Api(this.#relay.url, this.key);
  }

  /** Is the event in the queue of that hook? Spares the checks of `api`, which take time of the same cores. */
  async has(hookId: number, eventId: string): Promise<boolean> {
    const headers = { authorization: `Bearer ${this.key}` };
    const response = await fetch(`${this.#relay.url}/v1/hooks/${hookId}/deliveries/${eventId}`, { headers });
    await response.arrayBuffer();
    return response.status === 200;
  }

  /** Events that nobody has posted before. */
  batch(count: number, subjects = count): Batch {
    this.#batches += 1;
    const name = `${this.id}-${process.pid}-${performance.now()}-${this.#batches}`;
    return { url: `${this.#relay.url}${this.#token}`, secret: BENCH_SECRET, name, count, subjects };
  }
}
