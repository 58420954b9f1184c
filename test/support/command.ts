/** The command `posthorn` as a user runs it: a process of its own, without a terminal or in one. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Terminal } from './terminal.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const NODE = join(ROOT, 'node_modules', '.bin', 'node');
const BIN = join(ROOT, 'cli', 'posthorn.mjs');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** With nothing of this machine's own in its environment. */
export class CommandLine {
  readonly #env: Readonly<Record<string, string>>;

  constructor(env: Readonly<Record<string, string>>) {
    this.#env = { PATH: process.env['PATH'] ?? '', ...env };
  }

  with(env: Readonly<Record<string, string>>): CommandLine {
    return new CommandLine({ ...this.#env, ...env });
  }

  start(...args: readonly string[]): ChildProcessWithoutNullStreams {
    const child = spawn(NODE, [BIN, ...args], { env: this.#env, cwd: ROOT });
    child.stdout.setEncoding('utf8');
    child.stderr.setEncoding('utf8');
    return child;
  }

  /** In a terminal. */
  open(...args: readonly string[]): Terminal {
    return new Terminal([NODE, BIN, ...args], this.#env, ROOT);
  }

  run(...args: readonly string[]): Promise<Ran> {
    return this.runWith('', ...args);
  }

  async runWith(stdin: string, ...args: readonly string[]): Promise<Ran> {
    const child = this.start(...args);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text: string) => (stdout += text));
    child.stderr.on('data', (text: string) => (stderr += text));
    child.stdin.end(stdin);
    await once(child, 'close');
    return { code: child.exitCode, stdout, stderr };
  }

  /** The results of a command that must go well, a line of JSON each. */
  async json<T>(...args: readonly string[]): Promise<T[]> {
    const { code, stdout, stderr } = await this.run(...args, '--json');
    if (code !== 0) throw new Error(`posthorn ${args.join(' ')} ended with ${String(code)}: ${stderr}`);
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as T]));
  }
}
