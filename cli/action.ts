/** What a command does, and how the texts of its options are read. */
import type { Command } from 'commander';
import { Context, type CommonOptions } from './context.ts';
import { usage } from './exit.ts';

type Action<O> = (context: Context, args: readonly string[], options: O) => Promise<void>;

/** What a command does: given its arguments as texts and its options, all of which `O` says. */
export function action<O>(act: Action<O & CommonOptions>): (this: Command) => Promise<void> {
  return async function runCommand() {
    const options = this.optsWithGlobals<O & CommonOptions>();
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
    await act(new Context(options, process.env, stop.signal), this.args, options);
  };
}

/** A whole number of an option. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw usage(`Expected a whole number, got ${text}`);
  return Number(text);
}

/** Texts of an option, separated by commas, or given several times. */
export function texts(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').map((one) => one.trim())].filter((one) => one !== '');
}
