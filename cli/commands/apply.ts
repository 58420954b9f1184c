import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { PosthornError } from '../../client/posthorn.ts';
import type { Context } from '../context.ts';
import { EXIT, Exit, usage } from '../exit.ts';
import { digestOf, makePlan, take } from '../hooks-file/carry-out.ts';
import { stepJson, stepText } from '../hooks-file/step-text.ts';
import { action } from '../action.ts';

const HELP = `
Makes the relay what the file says, a step after the other; \`posthorn plan\` shows them before. What somebody else
changes meanwhile is left alone, and said. Interrupted, it is finished by running it again.

Examples:
  posthorn apply hooks.yaml
  posthorn apply hooks.yaml --prune`;

interface Options {
  readonly prune?: boolean;
  readonly plan?: string;
}

export function define(command: Command): void {
  command
    .argument('<file>', 'YAML of sources and hooks')
    .option('--prune', 'delete what an earlier apply of this file made and it no longer names')
    .option('--plan <plan>', 'of `posthorn plan --save`: refuse if anything else would change by now')
    .addHelpText('after', HELP)
    .action(action<Options>(apply));
}

async function apply(
  { relay, out, env }: Context,
  [file = '']: readonly string[],
  options: Options,
): Promise<void> {
  const planned = await makePlan(relay, file, env, options.prune ?? false);
  if (options.plan !== undefined && savedDigest(options.plan) !== digestOf(planned)) {
    throw new Exit(
      EXIT.failed,
      'This is no longer what was planned: the file or the relay has changed. Plan again.',
    );
  }
  for (const one of planned) {
    const { kind, uid } = one.step;
    await take(relay, one).catch((error: unknown) => {
      const isMoved = error instanceof PosthornError && error.code === 'precondition-failed';
      throw isMoved
        ? new Exit(EXIT.failed, `${kind} ${uid} has been changed since the plan. Plan again.`)
        : error;
    });
    out.result(stepJson(one.step), stepText(one.step));
  }
  out.note(planned.length === 0 ? 'Nothing to change.' : `${planned.length} changed.`);
}

function savedDigest(plan: string): string {
  try {
    return readFileSync(plan, 'utf8').trim();
  } catch (error) {
    throw usage(error instanceof Error ? error.message : `${plan} cannot be read`);
  }
}
