import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { usage } from '../exit.ts';
import { action, texts } from '../action.ts';

const HELP = `
Examples:
  posthorn retry 7 evt_01J… evt_01K…
  posthorn retry 7 --all
  posthorn retry billing --all --types 'stripe.invoice.*'`;

interface Options {
  readonly all?: boolean;
  readonly types?: string[];
  readonly subject?: string;
}

export function define(command: Command): void {
  command
    .argument('<hook>', 'id or uid')
    .argument('[events...]', 'ids of events')
    .option('--all', 'everything that is pending')
    .option('--types <patterns>', 'with --all: only these types', texts)
    .option('--subject <subject>', 'with --all: only this subject')
    .addHelpText('after', HELP)
    .action(action<Options>(retry));
}

async function retry(
  context: Context,
  [hook = '', ...events]: readonly string[],
  options: Options,
): Promise<void> {
  const { relay, out } = context;
  const { all = false, types, subject } = options;
  if (all === events.length > 0) throw usage('Name the events to send again, or say --all.');
  if (!all && (types ?? subject) !== undefined) throw usage('--types and --subject need --all.');
  const id = await context.hookId(hook);
  if (all) {
    const chosen = {
      ...(types === undefined ? {} : { types }),
      ...(subject === undefined ? {} : { subject }),
    };
    const { queued } = await relay.hooks.retry(id, chosen);
    out.result({ hook: id, queued }, `${queued} go out now.`);
    return;
  }
  for (const eventId of events) {
    await relay.deliveries.retry(id, eventId);
    out.result({ hook: id, eventId, retried: true }, `${eventId} goes out now.`);
  }
}
