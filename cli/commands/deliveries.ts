import type { Command } from 'commander';
import type { Delivery, DeliveryOfHook } from '../../client/posthorn.ts';
import type { Context } from '../context.ts';
import { action, wholeNumber } from '../action.ts';
import { shown } from '../shown.ts';

const HELP = `
Without --hook: of all hooks, those with trouble first.

Examples:
  posthorn deliveries --status dead
  posthorn deliveries --hook 7 --status pending
  posthorn deliveries get 7 evt_01J…   with every attempt`;

interface ListOptions {
  readonly hook?: string;
  readonly status?: Delivery['status'];
  readonly type?: string;
  readonly subject?: string;
  readonly limit: number;
}

export function define(command: Command): void {
  command
    .option('--hook <hook>', 'of this hook alone')
    .option('--status <status>', 'pending, delivered, dead, held, cancelled or skipped')
    .option('--type <pattern>', 'a pattern over the type')
    .option('--subject <subject>', 'such as contact/994863')
    .option('--limit <n>', 'how many', wholeNumber, 50)
    .addHelpText('after', HELP)
    .action(action<ListOptions>(list));
  command.command('get <hook> <event>').description('Show a delivery with its attempts').action(action(get));
}

async function list(context: Context, _args: readonly string[], options: ListOptions): Promise<void> {
  const { relay, out } = context;
  const { hook, status, type, subject, limit } = options;
  const page = { status, limit: Math.min(Math.max(limit, 1), 200) };
  const hookId = hook === undefined ? undefined : await context.hookId(hook);
  const isOfOneHook = hookId !== undefined && type === undefined && subject === undefined;
  const found: readonly (Delivery | DeliveryOfHook)[] = isOfOneHook
    ? await relay.deliveries.ofHook(hookId, page).take(limit)
    : await relay.deliveries.list({ ...page, hook: hookId, type, subject }).take(limit);
  out.rows(found, ['HOOK', 'EVENT', 'TYPE', 'STATUS', 'ATTEMPTS', 'WHY', 'NEXT'], (one) => [
    'hookId' in one ? one.hookId : (hookId ?? null),
    one.eventId,
    one.type,
    one.status,
    one.attempts,
    one.reason ?? ('lastError' in one ? one.lastError : null),
    one.nextAttemptAt,
  ]);
}

async function get(context: Context, [hook = '', eventId = '']: readonly string[]): Promise<void> {
  const delivery = await context.relay.deliveries.get(await context.hookId(hook), eventId);
  const { type, subject, status, reason, attemptLog } = delivery;
  const attempts = attemptLog.map((attempt) => {
    const { number, at, outcome, statusCode, error, detail, durationMs, responseExcerpt } = attempt;
    const answer = responseExcerpt === null ? '' : `\n     ${shown(responseExcerpt, 300)}`;
    return `  ${number}. ${at} ${outcome} ${statusCode ?? error ?? ''} in ${durationMs} ms ${shown(detail ?? '')}${answer}`;
  });
  const head = `${shown(type)} ${shown(subject ?? '')}: ${status}${reason === null ? '' : `, ${reason}`}`;
  context.out.result(delivery, [head, ...attempts].join('\n'));
}
