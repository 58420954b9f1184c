/** `posthorn listen` under somebody who starts it again whenever it ends, and who kills it or puts it to sleep. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandLine } from '../command.ts';
import type { Cut } from './target.ts';

const AGAIN_MS = 50;
const CONNECTED_WITHIN_MS = 60_000;

export class ListenClient {
  readonly cuts: Cut[] = [];
  /** How often it ended by itself, by exit code. */
  readonly exits: Record<string, number> = {};
  /** How long it took from a kill to `ready`. */
  readonly readyMs: number[] = [];
  readonly #cli: CommandLine;
  readonly #args: readonly string[];
  #child: ChildProcess | null = null;
  #isStopped = false;
  #connections = 0;
  #said = '';

  constructor(cli: CommandLine, args: readonly string[]) {
    this.#cli = cli;
    this.#args = args;
  }

  /** Until it is stopped. */
  async run(): Promise<void> {
    const isStopped = () => this.#isStopped;
    while (!isStopped()) {
      const startedAtMs = Date.now();
      const child = this.#cli.start('listen', ...this.#args);
      this.#child = child;
      child.stderr.on('data', (text: string) => {
        this.#said = `${this.#said}${text}`.slice(-2000);
        if (!/^(?:ready:|connected again)/m.test(text)) return;
        this.#connections += 1;
        if (text.includes('ready:')) this.readyMs.push(Date.now() - startedAtMs);
      });
      child.stdout.resume();
      await once(child, 'close');
      if (child.exitCode !== null && !isStopped())
        this.exits[child.exitCode] = (this.exits[child.exitCode] ?? 0) + 1;
      await sleep(AGAIN_MS);
    }
  }

  /** SIGKILL; it is started again at once. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const fromMs = Date.now();
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
    this.cuts.push({ fromMs, toMs: Date.now() });
  }

  /** As a laptop does: it does not run for a while, and then goes on. */
  async sleep(ms: number): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const fromMs = Date.now();
    const connections = this.#connections;
    child.kill('SIGSTOP');
    await sleep(ms);
    child.kill('SIGCONT');
    // What it had been given before goes nowhere, until it has noticed.
    const deadlineMs = Date.now() + CONNECTED_WITHIN_MS;
    while (this.#connections === connections && Date.now() < deadlineMs) await sleep(20);
    this.cuts.push({ fromMs, toMs: Date.now() });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  }

  /** The last of what it said. */
  get said(): string {
    return this.#said;
  }
}
