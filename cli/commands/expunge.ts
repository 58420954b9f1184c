import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { EXIT, Exit, usage } from '../exit.ts';
import { action } from '../action.ts';
import { timeOf } from './events.ts';

const ASK_EVERY_MS = 500;

const HELP = `
Deletes payloads from the log and from every hook, also of what is still to be delivered. It cannot be undone.
In a terminal it asks first; --yes does not. Waits until it is done.

Examples:
  posthorn expunge evt_01J…
  posthorn expunge --subject contact/994863 --yes
  posthorn expunge --type 'stripe.*' --to 2026-01-01T00:00:00Z --yes`;

interface Options {
  readonly subject?: string;
  readonly source?: string;
  readonly type?: string;
  readonly from?: string;
  readonly to?: string;
  readonly yes?: boolean;
}

export function define(command: Command): void {
  command
    .argument('[events...]', 'ids of events')
    .option('--subject <subject>', 'all of this subject')
    .option('--source <source>', 'all of this source')
    .option('--type <pattern>', 'all of these types')
    .option('--from <time>', 'received at or after', timeOf)
    .option('--to <time>', 'received before', timeOf)
    .option('--yes', 'do not ask')
    .addHelpText('after', HELP)
    .action(action<Options>(expunge));
}

async function expunge(context: Context, events: readonly string[], options: Options): Promise<void> {
  const { relay, out, signal } = context;
  const { subject, source, type, from, to } = options;
  const isBySelection = (subject ?? source ?? type) !== undefined;
  if (isBySelection === events.length > 0) {
    throw usage('Name the events, or say which with --subject, --source or --type.');
  }
  await confirm(context, options.yes ?? false);
  if (!isBySelection) {
    for (const id of events) {
      await relay.events.expunge(id);
      out.result({ id, expunged: true }, `${id} has no payload any more.`);
    }
    return;
  }
  const all = Object.entries({ subject, source, type, from, to }).filter(([, value]) => value !== undefined);
  let job = await relay.events.expungeAll(Object.fromEntries(all));
  while (!ENDED.includes(job.state) && !signal.aborted) {
    out.progress(`${job.expunged} of ${job.matched}`);
    await sleep(ASK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    job = await relay.events.getExpunge(job.id);
  }
  out.progressEnds();
  out.result(job, `${job.expunged} of ${job.matched} events have no payload any more (${job.state}).`);
  if (!ENDED.includes(job.state)) throw new Exit(EXIT.failed, 'It goes on by itself.');
}

const ENDED = ['done', 'failed', 'cancelled'];

async function confirm({ out }: Context, isSure: boolean): Promise<void> {
  if (isSure) return;
  if (!out.isTerminal) throw usage('Without a terminal, expunge needs --yes.');
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question('The payloads are gone for good. Go on? [y/N] ');
  lines.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Exit(EXIT.failed, 'Nothing was deleted.');
}
