import type { Command } from 'commander';
import type { Hook } from '../../client/posthorn.ts';
import type { Context } from '../context.ts';
import { EXIT, Exit } from '../exit.ts';
import { action, texts } from '../action.ts';

const HELP = `
A hook is named by its id, or by its uid.

Examples:
  posthorn hooks
  posthorn hooks make https://app.example.com/webhooks --events 'stripe.invoice.*'
  posthorn hooks test 7
  posthorn hooks pause billing && posthorn hooks resume billing`;

interface MakeOptions {
  readonly events?: string[];
  readonly name?: string;
  readonly uid?: string;
}

export function define(command: Command): void {
  command.addHelpText('after', HELP).action(action(list));
  command
    .command('make <url>')
    .description('Make a hook: prints its id and its secret')
    .option('--events <patterns>', 'patterns over the type, separated by commas', texts)
    .option('--name <name>', 'what you call it')
    .option('--uid <uid>', 'your own stable name for it')
    .action(action<MakeOptions>(make));
  command.command('get <hook>').description('Show a hook').action(action(get));
  command.command('secret <hook>').description('Show the secret of a hook').action(action(secret));
  command
    .command('pause <hook>')
    .description('Pause a hook: its queue grows, nothing is sent')
    .action(action((context, args) => change(context, args, 'pause')));
  command
    .command('resume <hook>')
    .description('Resume a paused hook, or re-enable a disabled one')
    .action(action((context, args) => change(context, args, 'resume')));
  command.command('test <hook>').description('Send a posthorn.test event now').action(action(test));
  command.command('delete <hook>').description('Delete a hook').action(action(remove));
}

async function list({ relay, out }: Context): Promise<void> {
  const hooks = await relay.hooks.list().all();
  out.rows(hooks, ['ID', 'UID', 'NAME', 'STATE', 'PENDING', 'DEAD', 'URL'], (hook) => [
    hook.id,
    hook.uid,
    hook.name,
    stateOf(hook),
    hook.stats.pending,
    hook.stats.dead,
    hook.url,
  ]);
}

function stateOf({ state, stats }: Hook): string {
  return state === 'active' && stats.consecutiveFailures > 0 ? 'failing' : state;
}

async function make(
  { relay, out }: Context,
  [url = '']: readonly string[],
  options: MakeOptions,
): Promise<void> {
  const { events, name, uid } = options;
  const hook = await relay.hooks.create({ url, events, name, uid }, { idempotencyKey: crypto.randomUUID() });
  out.result(hook, `Hook   ${hook.id}\nSecret ${hook.secret}`);
}

async function get(context: Context, [hook = '']: readonly string[]): Promise<void> {
  const found = await context.relay.hooks.get(await context.hookId(hook));
  context.out.result(found, JSON.stringify(found, null, 2));
}

async function secret(context: Context, [hook = '']: readonly string[]): Promise<void> {
  const text = await context.relay.hooks.secret(await context.hookId(hook));
  context.out.result({ secret: text }, text);
}

async function change(
  context: Context,
  [hook = '']: readonly string[],
  verb: 'pause' | 'resume',
): Promise<void> {
  const changed = await context.relay.hooks[verb](await context.hookId(hook));
  context.out.result(changed, `Hook ${changed.id} is ${changed.state}.`);
}

async function test(context: Context, [hook = '']: readonly string[]): Promise<void> {
  const { out } = context;
  const result = await context.relay.hooks.test(await context.hookId(hook));
  const { delivered, statusCode, durationMs, error } = result;
  const answer = statusCode === null ? (error ?? 'no answer') : `answered ${statusCode}`;
  out.result(result, `${delivered ? 'Delivered' : 'Not delivered'}: ${answer} after ${durationMs} ms.`);
  if (!delivered) throw new Exit(EXIT.failed, '');
}

async function remove(context: Context, [hook = '']: readonly string[]): Promise<void> {
  const id = await context.hookId(hook);
  await context.relay.hooks.delete(id);
  context.out.result({ id, deleted: true }, `Deleted hook ${id}.`);
}
