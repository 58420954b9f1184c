import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { once } from 'node:events';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { action } from '../action.ts';

const HELP = `
A line of JSON for each source, hook and event. --secrets adds what \`posthorn import\` needs; keep that file as you
keep the secrets themselves. A file is there under its name only when it is whole.

Examples:
  posthorn export --out backup.ndjson
  posthorn export --secrets --out everything.ndjson
  posthorn export | jq 'select(.kind == "event").event.type'`;

interface Options {
  readonly out?: string;
  readonly secrets?: boolean;
}

export function define(command: Command): void {
  command
    .option('--out <file>', 'write here, not to stdout')
    .option('--secrets', 'with secrets, inbound URLs and keys; needs an admin key')
    .addHelpText('after', HELP)
    .action(action<Options>(exportAll));
}

async function exportAll(
  { relay, out, signal }: Context,
  _args: readonly string[],
  options: Options,
): Promise<void> {
  const lines = relay.exportLines({ secrets: options.secrets === true ? 'true' : 'false' }, { signal });
  if (options.out === undefined) {
    for await (const line of lines)
      if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
    return;
  }
  const partial = `${options.out}.partial`;
  let count = 0;
  try {
    // It may hold secrets.
    const file = createWriteStream(partial, { mode: 0o600 });
    await once(file, 'open');
    for await (const line of lines) {
      if (!file.write(`${line}\n`)) await once(file, 'drain');
      count += 1;
      if (count % 500 === 0) out.progress(`${count} lines`);
    }
    file.end();
    await once(file, 'close');
    await rename(partial, options.out);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    out.progressEnds();
  }
  out.result({ file: options.out, lines: count }, `Wrote ${count} lines to ${options.out}.`);
}
