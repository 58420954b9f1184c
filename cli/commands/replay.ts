import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { NewReplay, Replay } from '../../client/posthorn.ts';
import type { Context } from '../context.ts';
import { EXIT, Exit } from '../exit.ts';
import { action, texts } from '../action.ts';
import { timeOf } from './events.ts';

const ASK_EVERY_MS = 500;

const HELP = `
--status says what: dead (what went dead), any (all that has ended), missing (what was never queued for this hook).
Times are RFC 3339, or how long ago: 30m, 6h, 2d. Waits until all is queued; --no-wait does not.

Examples:
  posthorn replay 7 --from 6h
  posthorn replay 7 --from 2026-01-01T00:00:00Z --to 2026-01-02T00:00:00Z --status any --types 'stripe.*'
  posthorn replay 7 --cancel`;

interface Options {
  readonly from?: string;
  readonly to?: string;
  readonly types?: string[];
  readonly status?: NewReplay['status'];
  readonly wait: boolean;
  readonly cancel?: boolean;
}

export function define(command: Command): void {
  command
    .argument('<hook>', 'id or uid')
    .option('--from <time>', 'received at or after', timeOf)
    .option('--to <time>', 'received before', timeOf)
    .option('--types <patterns>', 'only these types', texts)
    .option('--status <status>', 'dead, any or missing', 'dead')
    .option('--no-wait', 'do not wait until all is queued')
    .option('--cancel', 'cancel the replay of this hook')
    .addHelpText('after', HELP)
    .action(action<Options>(replay));
}

async function replay(context: Context, [hook = '']: readonly string[], options: Options): Promise<void> {
  const { relay, out, signal } = context;
  const id = await context.hookId(hook);
  if (options.cancel === true) {
    report(context, await relay.hooks.cancelReplay(id));
    return;
  }
  const { from, to, types, status, wait } = options;
  // Without it: from the beginning of what is kept.
  const body = {
    from: from ?? new Date(0).toISOString(),
    to,
    status,
    ...(types === undefined ? {} : { types }),
  };
  let job = await relay.hooks.replay(id, body);
  while (wait && job.state === 'running' && !signal.aborted) {
    out.progress(`Replaying: ${job.matched} found, ${job.queued} queued`);
    await sleep(ASK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    job = await relay.hooks.getReplay(id);
  }
  out.progressEnds();
  report(context, job);
  if (signal.aborted)
    throw new Exit(EXIT.failed, 'It goes on by itself; `posthorn replay HOOK --cancel` ends it.');
}

function report({ out }: Context, job: Replay): void {
  out.result(job, `Replay ${job.id} is ${job.state}: ${job.matched} found, ${job.queued} queued.`);
}
