import { createReadStream, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { usage } from '../exit.ts';
import { action } from '../action.ts';

const HELP = `
Into a tenant without sources and hooks: ids, inbound URLs, secrets and keys are as they were. Events come as history
and are not delivered again. Either all of it is imported or nothing.

Examples:
  posthorn import everything.ndjson
  posthorn import everything.ndjson --tenant restored`;

export function define(command: Command): void {
  command
    .argument('<file>', 'of `posthorn export --secrets`')
    .addHelpText('after', HELP)
    .action(action(importAll));
}

async function importAll({ relay, out, signal }: Context, [file = '']: readonly string[]): Promise<void> {
  let bytes: number;
  try {
    bytes = statSync(file).size;
  } catch (error) {
    throw usage(error instanceof Error ? error.message : `${file} cannot be read`);
  }
  const stream = createReadStream(file);
  let sent = 0;
  stream.on('data', (chunk) => {
    sent += chunk.length;
    out.progress(`${Math.floor((100 * sent) / Math.max(1, bytes))} %`);
  });
  try {
    const body = Readable.toWeb(stream) as unknown as BodyInit;
    const imported = await relay.import(body, { signal });
    const { sources, hooks, keys, events } = imported;
    out.progressEnds();
    out.result(imported, `Imported ${sources} sources, ${hooks} hooks, ${keys} keys and ${events} events.`);
  } finally {
    out.progressEnds();
    stream.destroy();
  }
}
