/**
 * A command in a terminal of its own: whoever runs in it finds one on stdin, stdout and stderr. Node can make none; the
 * program `script` does, which util-linux brings along and every Debian has.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

export const HAS_TERMINALS = String(spawnSync('script', ['--version']).stdout).includes('util-linux');

export class Terminal {
  readonly #child: ChildProcessWithoutNullStreams;
  #screen = '';
  #look: () => void = () => undefined;

  constructor(command: readonly string[], env: Readonly<Record<string, string>>, cwd: string) {
    const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    this.#child = spawn('script', ['--quiet', '--return', '--command', `exec ${quoted}`, '/dev/null'], {
      env: { ...env, TERM: 'xterm-256color', SHELL: '/bin/sh' },
      cwd,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#screen += text;
        this.#look();
      });
    this.#child.once('close', () => this.#look());
  }

  /** All that was written to it, with what steers it. */
  get screen(): string {
    return this.#screen;
  }

  /** Until that is on the screen; throws when the command ends before. */
  async shows(text: string): Promise<void> {
    while (!this.#screen.includes(text)) {
      if (this.#child.exitCode !== null) throw new Error(`expected ${text} on the screen:\n${this.#screen}`);
      await new Promise<void>((resolve) => (this.#look = resolve));
    }
  }

  /** As if typed. */
  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Its exit code. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'close');
    return this.#child.exitCode;
  }
}
