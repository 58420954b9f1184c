import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { EXIT, Exit } from '../exit.ts';
import { digestOf, makePlan } from '../hooks-file/carry-out.ts';
import { stepJson, stepText } from '../hooks-file/step-text.ts';
import { action } from '../action.ts';

const HELP = `
Changes nothing. Exit code 0: the relay is as the file says; 2: something would change.

Examples:
  posthorn plan hooks.yaml
  posthorn plan hooks.yaml --prune --save hooks.plan && posthorn apply hooks.yaml --prune --plan hooks.plan`;

interface Options {
  readonly prune?: boolean;
  readonly save?: string;
}

export function define(command: Command): void {
  command
    .argument('<file>', 'YAML of sources and hooks')
    .option('--prune', 'delete what an earlier apply of this file made and it no longer names')
    .option('--save <plan>', 'keep what was planned, for `posthorn apply --plan`')
    .addHelpText('after', HELP)
    .action(action<Options>(plan));
}

async function plan(
  { relay, out, env }: Context,
  [file = '']: readonly string[],
  options: Options,
): Promise<void> {
  const planned = await makePlan(relay, file, env, options.prune ?? false);
  for (const { step } of planned) out.result(stepJson(step), stepText(step));
  if (options.save !== undefined) writeFileSync(options.save, `${digestOf(planned)}\n`);
  if (planned.length > 0) throw new Exit(EXIT.differs, `${planned.length} would change.`);
  out.note('Nothing would change.');
}
