/**
 * The Worker on Miniflare, with storage that stays. It listens by itself: Miniflare's own entry, a Worker in front of
 * the relay's, obeys `MF-*` headers of any client, answers what it cannot parse with a 500 and costs half of the
 * requests a second. It is there all the same, on a port of loopback that nobody is told.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Miniflare, MiniflareCoreError, type MiniflareOptions } from 'miniflare';
import type { Bundle } from './bundle.ts';
import { CrashWatch, type Suspect } from './crash-watch.ts';
import { addressesOf, freePort } from './listening.ts';
import type { RelayOptions } from './options.ts';
import { workerdMark } from './orphans.ts';
import { readableLine } from './readable-line.ts';
import { RelayLog } from './relay-log.ts';
import { StartProblem } from './start-problem.ts';
import { miniflareWorker } from './worker.ts';

/** A port that was free may have been taken since. */
const FREE_PORT_TRIES = 5;

/** What ends a relay cleanly. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Who runs it. */
export interface RuntimeHost {
  /** workerd has crashed and could not be started again. */
  lost(): void;
  /** It has crashed again and again, perhaps over one of these; from now on no hook sends. */
  held(suspects: readonly Suspect[]): void;
  /** It crashes all the same. */
  gaveUp(): void;
}

/** What the Worker is told. */
const MEASURES = {
  trace: { TRACE_REQUESTS: 'true' },
  hold: { TRACE_REQUESTS: 'true', HOLD_DELIVERIES: 'true' },
} as const;
const LAST_LINES_MS = 100;

export class Runtime {
  readonly #options: RelayOptions;
  readonly #dataFolder: string;
  readonly #bundle: Bundle;
  readonly #vars: Readonly<Record<string, string>>;
  readonly #host: RuntimeHost;
  readonly #crashes = new CrashWatch();
  #miniflare: Miniflare | null = null;
  #port = 0;
  #isStopped = false;

  constructor(
    options: RelayOptions,
    dataFolder: string,
    bundle: Bundle,
    vars: Readonly<Record<string, string>>,
    host: RuntimeHost,
  ) {
    this.#options = options;
    this.#dataFolder = dataFolder;
    this.#bundle = bundle;
    this.#vars = vars;
    this.#host = host;
  }

  /** The port it listens on. */
  async start(): Promise<number> {
    const { host, port: wanted } = this.#options;
    for (let tries = 1; ; tries += 1) {
      const port = wanted === 0 ? await freePort(host) : wanted;
      const miniflare = await this.#listen(port);
      try {
        await miniflare.ready;
        return port;
      } catch (error) {
        if (!(error instanceof MiniflareCoreError && error.code === 'ERR_ADDRESS_IN_USE')) throw error;
        if (wanted === 0 && tries < FREE_PORT_TRIES && !this.#isStopped) {
          // It rejects with what it could not be started for.
          await miniflare.dispose().catch(() => undefined);
          continue;
        }
        throw new StartProblem(
          `${host}:${port} is in use; stop what listens there, or set PORT (0: any free port)`,
        );
      }
    }
  }

  /** It listens on. */
  get port(): number {
    return this.#port;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#miniflare?.dispose();
  }

  async #listen(port: number): Promise<Miniflare> {
    this.#port = port;
    this.#miniflare = withoutItsSignalHandlers(await this.#miniflareOptions({}));
    return this.#miniflare;
  }

  async #miniflareOptions(more: Readonly<Record<string, string>>): Promise<MiniflareOptions> {
    const { host } = this.#options;
    const port = this.#port;
    const vars = { ...this.#vars, LISTENING_ON: addressesOf(host, port).join(','), ...more };
    const worker = await miniflareWorker(this.#bundle, vars);
    return {
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      enableDevRegistry: false,
      logRequests: false,
      log: new RelayLog(
        () => {
          void this.#died();
        },
        () => {
          this.#host.lost();
        },
      ),
      handleStructuredLogs: ({ level, message }) => {
        if (this.#crashes.reads(message)) return;
        const line = readableLine(message);
        if (level === 'error' || level === 'warn') console.error(line);
        else console.log(line);
      },
      resourcePersistencePath: join(this.#dataFolder, 'state'),
      unsafeRuntimeEnv: workerdMark(this.#dataFolder),
      workers: [{ ...worker, dev: { unsafeDirectSockets: [{ host, port }] } }],
    };
  }

  /** Miniflare starts it again by itself. Where that is not enough, it is started once more, in another way. */
  async #died(): Promise<void> {
    // What it has printed last is read after its end.
    await sleep(LAST_LINES_MS);
    if (this.#isStopped) return;
    const measure = this.#crashes.died(Date.now());
    if (measure === 'give-up') this.#host.gaveUp();
    else if (measure !== null) {
      if (measure === 'hold') this.#host.held(this.#crashes.suspects);
      await this.#miniflare?.setOptions(await this.#miniflareOptions(MEASURES[measure]));
    }
  }
}

/** Miniflare's own handlers exit at once with 128 + n. */
function withoutItsSignalHandlers(options: MiniflareOptions): Miniflare {
  const before = STOP_SIGNALS.map((signal) => process.listeners(signal));
  const miniflare = new Miniflare(options);
  for (const [index, signal] of STOP_SIGNALS.entries()) {
    for (const listener of process.listeners(signal)) {
      if (before[index]?.includes(listener) !== true) process.removeListener(signal, listener);
    }
  }
  return miniflare;
}
