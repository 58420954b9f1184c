/** `posthorn` as the demo runs it: against the demo's relay, with nothing of the caller's settings. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = join(fileURLToPath(new URL('../..', import.meta.url)), 'cli', 'posthorn.mjs');

export class Command {
  readonly #child: ChildProcess;
  #said = '';

  constructor(args: readonly string[], relayUrl: string, key: string) {
    const { PATH = '', HOME = '' } = process.env;
    this.#child = spawn(process.execPath, [BIN, ...args], {
      env: { PATH, HOME, POSTHORN_URL: relayUrl, POSTHORN_KEY: key },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text;
        this.#child.emit('said');
      });
    }
  }

  /** The first line that it prints, on whichever stream, with this in it. */
  async line(part: string): Promise<string> {
    for (;;) {
      const [found] = this.#said.split('\n').filter((line) => line.includes(part));
      if (found !== undefined) return found;
      if (this.#isOver) throw new Error(`posthorn ended without saying ${part}:\n${this.#said}`);
      await Promise.race([once(this.#child, 'said'), once(this.#child, 'close')]);
    }
  }

  /** What it has answered is told to the relay before it ends. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    await ended;
  }

  get #isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
