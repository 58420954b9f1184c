import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { action, wholeNumber } from '../action.ts';
import { shown, table } from '../shown.ts';

const HELP = `
Times are RFC 3339, or how long ago: 30m, 6h, 2d.

Examples:
  posthorn events --type 'stripe.invoice.*' --from 6h
  posthorn events --contains 994863 --json
  posthorn events get evt_01J…
  posthorn events get evt_01J… --hook 7      why this hook did or did not get it
  posthorn events raw evt_01J… > body.json   byte for byte`;

interface ListOptions {
  readonly type?: string;
  readonly subject?: string;
  readonly source?: string;
  readonly from?: string;
  readonly to?: string;
  readonly contains?: string;
  readonly limit: number;
}

export function define(command: Command): void {
  command
    .option('--type <pattern>', 'a pattern over the type')
    .option('--subject <subject>', 'such as contact/994863')
    .option('--source <source>', 'the envelope’s source')
    .option('--from <time>', 'received at or after', timeOf)
    .option('--to <time>', 'received before', timeOf)
    .option('--contains <text>', 'text of the raw body')
    .option('--limit <n>', 'how many', wholeNumber, 50)
    .addHelpText('after', HELP)
    .action(action<ListOptions>(list));
  command
    .command('get <event>')
    .description('Show an event and what became of it')
    .option('--hook <hook>', 'explain this hook alone')
    .action(action<{ hook?: string }>(get));
  command.command('raw <event>').description('Print the body as the provider sent it').action(action(raw));
}

const AGO_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** RFC 3339, of a time that may be told as how long ago. */
export function timeOf(text: string): string {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count === undefined) return text;
  return new Date(Date.now() - Number(count) * (AGO_MS[unit] ?? 0)).toISOString();
}

async function list({ relay, out }: Context, _args: readonly string[], options: ListOptions): Promise<void> {
  const { limit, type, subject, source, from, to, contains } = options;
  const query = { type, subject, source, from, to, contains, limit: Math.min(Math.max(limit, 1), 200) };
  const events = await relay.events.list(query).take(limit);
  out.rows(events, ['RECEIVED', 'ID', 'TYPE', 'SUBJECT'], (event) => [
    event.recordedtime,
    event.posthornid,
    event.type,
    event.subject ?? null,
  ]);
}

async function get(
  context: Context,
  [id = '']: readonly string[],
  { hook }: { hook?: string },
): Promise<void> {
  const { relay, out } = context;
  const hookId = hook === undefined ? undefined : String(await context.hookId(hook));
  const journey = await relay.events.get(id, { hook: hookId });
  const { type, subject, recordedtime } = journey.event;
  const rows = journey.deliveries.map((one) => [one.hookId, one.status, one.attempts, whyOf(one)]);
  const explained = journey.deliveries.flatMap(({ attemptLog = [] }) => attemptLog);
  const attempts = explained.map(
    ({ number, at, outcome, statusCode, error, durationMs }) =>
      `  ${number}. ${at} ${outcome} ${statusCode ?? error ?? ''} in ${durationMs} ms`,
  );
  const head = `${shown(type)} ${shown(subject ?? '')}, received ${recordedtime}`;
  const text = rows.length === 0 ? 'No hook wanted it.' : table(['HOOK', 'STATUS', 'ATTEMPTS', 'WHY'], rows);
  out.result(journey, [head, text, ...attempts].join('\n'));
}

function whyOf(one: {
  readonly reason: string | null;
  readonly clause?: string | undefined;
  readonly waiting?: { readonly reason: string; readonly until: string | null } | null | undefined;
}): string {
  const { reason, clause, waiting } = one;
  const until = waiting?.until ? ` until ${waiting.until}` : '';
  return [reason, clause, waiting && `waits: ${waiting.reason}${until}`].filter(Boolean).join(' ');
}

async function raw({ relay, out }: Context, [id = '']: readonly string[]): Promise<void> {
  out.raw(new Uint8Array(await (await relay.events.raw(id)).arrayBuffer()));
}
