import type { Command } from 'commander';
import type { TailAttempt, TailEvent } from '../../client/posthorn.ts';
import type { Context } from '../context.ts';
import { action, texts } from '../action.ts';
import { shown } from '../shown.ts';

const HELP = `
Goes on until you end it, also when the connection is lost: nothing is left out and nothing is shown twice.
--after takes the cursor of an earlier line of --json.

Examples:
  posthorn tail
  posthorn tail --types 'stripe.*,github.push.*'
  posthorn tail --hook 7                  with its attempts
  posthorn tail --json | jq .event.type`;

interface Options {
  readonly types?: string[];
  readonly hook?: string;
  readonly after?: string;
}

export function define(command: Command): void {
  command
    .option('--types <patterns>', 'patterns over the type, separated by commas', texts)
    .option('--hook <hook>', 'only what this hook gets, and its attempts')
    .option('--after <cursor>', 'begin after this event')
    .addHelpText('after', HELP)
    .action(action<Options>(tail));
}

async function tail(context: Context, _args: readonly string[], options: Options): Promise<void> {
  const { relay, out, signal, connection } = context;
  const { types, after } = options;
  const hook = options.hook === undefined ? undefined : await context.hookId(options.hook);
  let isFirst = true;
  const frames = relay.tail({
    types,
    hook,
    after,
    signal,
    onReady: () => {
      if (isFirst) out.note(`ready: events of ${connection.url} appear as they happen`);
      else out.note('connected again');
      isFirst = false;
    },
    onState: (state) => {
      if (state.kind === 'lost') out.note(`connection lost (${shown(state.detail)}); trying again`);
    },
  });
  for await (const frame of frames) out.result(frame, lineOf(context, frame));
}

function lineOf({ out }: Context, frame: TailEvent | TailAttempt): string {
  if (frame.kind === 'event') {
    const { recordedtime, posthornid, type, subject } = frame.event;
    return `${recordedtime} ${posthornid} ${out.style('bold', shown(type))} ${shown(subject ?? '')}`;
  }
  const { eventId, number, outcome, statusCode, error, durationMs } = frame;
  const colour = outcome === 'delivered' ? 'green' : 'red';
  return `  ${eventId} attempt ${number}: ${out.style(colour, outcome)} ${statusCode ?? error ?? ''} in ${durationMs} ms`;
}
