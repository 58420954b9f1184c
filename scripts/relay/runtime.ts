/**
 * The Worker on Miniflare, with storage that stays. It listens by itself: Miniflare's own entry, a Worker in front of
 * the relay's, obeys `MF-*` headers of any client, answers what it cannot parse with a 500 and costs half of the
 * requests a second. It is there all the same, on a port of loopback that nobody is told.
 */
import { join } from 'node:path';
import { Miniflare, MiniflareCoreError, type MiniflareOptions } from 'miniflare';
import type { Bundle } from './bundle.ts';
import { addressesOf, freePort } from './listening.ts';
import type { RelayOptions } from './options.ts';
import { workerdMark } from './orphans.ts';
import { RelayLog } from './relay-log.ts';
import { StartProblem } from './start-problem.ts';
import { miniflareWorker } from './worker.ts';

/** A port that was free may have been taken since. */
const FREE_PORT_TRIES = 5;

/** What ends a relay cleanly. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Runtime {
  readonly #options: RelayOptions;
  readonly #dataFolder: string;
  readonly #bundle: Bundle;
  readonly #vars: Readonly<Record<string, string>>;
  readonly #onLost: () => void;
  #miniflare: Miniflare | null = null;
  #isStopped = false;

  /** `onLost`: workerd has crashed and could not be started again. */
  constructor(
    options: RelayOptions,
    dataFolder: string,
    bundle: Bundle,
    vars: Readonly<Record<string, string>>,
    onLost: () => void,
  ) {
    this.#options = options;
    this.#dataFolder = dataFolder;
    this.#bundle = bundle;
    this.#vars = vars;
    this.#onLost = onLost;
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
          await miniflare.dispose();
          continue;
        }
        throw new StartProblem(
          `${host}:${port} is in use; stop what listens there, or set PORT (0: any free port)`,
        );
      }
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#miniflare?.dispose();
  }

  async #listen(port: number): Promise<Miniflare> {
    const { host } = this.#options;
    const vars = { ...this.#vars, LISTENING_ON: addressesOf(host, port).join(',') };
    const worker = await miniflareWorker(this.#bundle, vars);
    this.#miniflare = withoutItsSignalHandlers({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      enableDevRegistry: false,
      logRequests: false,
      log: new RelayLog(this.#onLost),
      resourcePersistencePath: join(this.#dataFolder, 'state'),
      unsafeRuntimeEnv: workerdMark(this.#dataFolder),
      workers: [{ ...worker, dev: { unsafeDirectSockets: [{ host, port }] } }],
    });
    return this.#miniflare;
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
