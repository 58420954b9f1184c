import type { Command } from 'commander';
import type { NewSource } from '../../client/posthorn.ts';
import type { Context } from '../context.ts';
import { action, texts, wholeNumber } from '../action.ts';
import { shown } from '../shown.ts';

const HELP = `
Examples:
  posthorn sources
  posthorn sources make stripe --name "Payments" --secret "$STRIPE_SECRET"
  posthorn sources setup src_01J… --events contact.changed
  posthorn sources refusals src_01J…`;

export function define(command: Command): void {
  command.addHelpText('after', HELP).action(action(list));
  command
    .command('make <provider>')
    .description('Make a source: prints its inbound URL and, where the relay makes it, its secret')
    .requiredOption('--name <name>', 'what you call it')
    .option('--secret <secret>', 'what the provider signs with')
    .option('--uid <uid>', 'your own stable name for it')
    .action(action<{ name: string; secret?: string; uid?: string }>(make));
  command.command('get <id>').description('Show a source').action(action(get));
  command.command('delete <id>').description('Delete a source: its URL stops at once').action(action(remove));
  command
    .command('setup <id>')
    .description('Say what to call at the provider to point it here')
    .option('--events <names>', 'the provider’s own event names, separated by commas', texts)
    .action(action<{ events?: string[] }>(setup));
  command
    .command('refusals <id>')
    .description('Show the last requests that were refused, and why')
    .option('--limit <n>', 'how many', wholeNumber, 20)
    .action(action<{ limit: number }>(refusals));
}

async function list({ relay, out }: Context): Promise<void> {
  const sources = await relay.sources.list().all();
  out.rows(sources, ['ID', 'PROVIDER', 'NAME', 'ACCEPTED', 'INBOUND URL'], (source) => [
    source.id,
    source.provider,
    source.name,
    source.stats.accepted,
    source.inboundUrl,
  ]);
}

async function make(
  { relay, out }: Context,
  [provider = '']: readonly string[],
  { name, secret, uid }: { name: string; secret?: string; uid?: string },
): Promise<void> {
  const members = { ...(secret === undefined ? {} : { secret }), ...(uid === undefined ? {} : { uid }) };
  // Which there are, the relay says.
  const body = { provider, name, ...members } as NewSource;
  const source = await relay.sources.create(body, { idempotencyKey: crypto.randomUUID() });
  const { id, inboundUrl } = source;
  const shownSecret = secret === undefined ? `\nSecret      ${source.secret ?? 'none'}` : '';
  out.result(source, `Source      ${id}\nInbound URL ${inboundUrl}${shownSecret}`);
}

async function get({ relay, out }: Context, [id = '']: readonly string[]): Promise<void> {
  const source = await relay.sources.get(id);
  out.result(source, JSON.stringify(source, null, 2));
}

async function remove({ relay, out }: Context, [id = '']: readonly string[]): Promise<void> {
  await relay.sources.delete(id);
  out.result({ id, deleted: true }, `Deleted ${id}.`);
}

async function setup(
  { relay, out }: Context,
  [id = '']: readonly string[],
  { events = [] }: { events?: string[] },
): Promise<void> {
  for (const call of await relay.sources.setup(id, events)) out.result(call, call.curl);
}

async function refusals(
  { relay, out }: Context,
  [id = '']: readonly string[],
  { limit }: { limit: number },
): Promise<void> {
  const refused = await relay.sources.refusals(id, { limit });
  out.rows(refused, ['AT', 'STATUS', 'REASON', 'BYTES', 'BODY'], (one) => [
    one.at,
    one.status,
    one.reason,
    one.bodyBytes,
    shown(one.bodyExcerpt, 60),
  ]);
}
