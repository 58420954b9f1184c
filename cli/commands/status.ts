import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { action } from '../action.ts';
import { shown } from '../shown.ts';

const HELP = `
Examples:
  posthorn status
  posthorn status --json | jq .pending`;

export function define(command: Command): void {
  command.addHelpText('after', HELP).action(action(status));
}

async function status({ relay, connection, out }: Context): Promise<void> {
  const [{ version }, stats] = await Promise.all([relay.health(), relay.stats()]);
  const { active, paused, disabled } = stats.hooks;
  const oldest =
    stats.oldestPendingSeconds === null ? '' : `, the oldest for ${stats.oldestPendingSeconds} s`;
  const lines = [
    `Relay     ${connection.url} (version ${version})`,
    `Events    ${stats.accepted} accepted, ${stats.duplicates} duplicates`,
    `Delivered ${stats.delivered}, ${stats.pending} pending${oldest}, ${stats.dead} dead`,
    `Hooks     ${active} active, ${paused} paused, ${disabled} disabled`,
  ];
  const trouble = out.isJson ? [] : await relay.hooks.list({ limit: 200 }).page();
  for (const { id, name, state, stateReason, waiting, stats: of } of 'data' in trouble ? trouble.data : []) {
    if (state === 'active' && of.consecutiveFailures === 0) continue;
    const why = [state === 'active' ? 'failing' : state, stateReason, waiting?.reason, of.lastError].filter(
      Boolean,
    );
    lines.push(`  hook ${id} ${shown(name, 40)}: ${shown(why.join(', '), 100)}; ${of.pending} pending`);
  }
  out.result({ relay: connection.url, version, ...stats }, lines.join('\n'));
}
