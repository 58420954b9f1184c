/** A relay as `npm start` runs it, on a free port and a data folder that is removed with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endOrphans } from '../relay/orphans.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const READY = /^posthorn listening on (\S+)$/m;
const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 10_000;

export class ThrowawayRelay {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'posthorn-demo-')));
  readonly #dataFolder = join(this.folder, 'data');
  readonly #child: ChildProcess;
  #logs = '';

  constructor() {
    // Nothing of the caller's settings: the demo is the same everywhere. npm_lifecycle_event makes the relay end
    // with its parent, also when that is killed.
    const { PATH = '', HOME = '' } = process.env;
    this.#child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.ts')], {
      cwd: ROOT,
      env: {
        PATH,
        HOME,
        TMPDIR: this.folder,
        PORT: '0',
        POSTHORN_DATA: this.#dataFolder,
        npm_lifecycle_event: 'demo',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#logs += text;
        this.#child.emit('printed');
      });
    }
  }

  get logs(): string {
    return this.#logs;
  }

  get adminKey(): string {
    return readFileSync(join(this.#dataFolder, 'admin-key'), 'utf8').trim();
  }

  /** Its URL, once it listens. */
  async ready(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const look = () => {
      const [, url] = READY.exec(this.#logs) ?? [];
      if (url !== undefined) resolve(url);
    };
    const timer = setTimeout(() => {
      reject(new Error(`the relay is not ready within ${READY_WITHIN_MS / 1000} s`));
    }, READY_WITHIN_MS);
    this.#child.on('printed', look);
    this.#child.once('close', () => {
      reject(new Error('the relay ended before it was ready'));
    });
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Leaves no process and no folder behind. */
  async remove(): Promise<void> {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const timer = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
      child.kill('SIGTERM');
      await once(child, 'exit');
      clearTimeout(timer);
    }
    await endOrphans(this.#dataFolder);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
