import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Posthorn } from '../../client/posthorn.ts';
import type { Context } from '../context.ts';
import { yamlOf } from '../hooks-file/write.ts';
import { action } from '../action.ts';

const HELP = `
Writes what has a uid, by which a file knows it; --adopt gives one to what has none. Secrets are not written: what the
relay does not show stays as it is, until the file names it by a \${NAME} of the environment.

Examples:
  posthorn pull > hooks.yaml
  posthorn pull --adopt --out hooks.yaml && posthorn plan hooks.yaml`;

interface Options {
  readonly out?: string;
  readonly adopt?: boolean;
}

export function define(command: Command): void {
  command
    .option('--out <file>', 'write here, not to stdout')
    .option('--adopt', 'first give a uid to each source and hook that has none')
    .addHelpText('after', HELP)
    .action(action<Options>(pull));
}

async function pull(context: Context, _args: readonly string[], options: Options): Promise<void> {
  const { relay, out, connection } = context;
  if (options.adopt === true) await adopt(relay);
  const sources = await relay.sources.list({ order: 'asc', limit: 200 }).all();
  const hooks = await relay.hooks.list({ order: 'asc', limit: 200 }).all();
  const { yaml, leftOut } = yamlOf(sources, hooks, new URL('schemas/hooks.json', connection.url).href);
  for (const what of leftOut) out.note(`Left out: ${what}.`);
  if (options.out === undefined) {
    if (out.isJson) out.result({ yaml, leftOut }, '');
    else out.raw(yaml);
    return;
  }
  writeFileSync(options.out, yaml);
  out.result({ file: options.out, leftOut }, `Wrote ${options.out}.`);
}

/** From its name where that is free, else from its id. */
async function adopt(relay: Posthorn): Promise<void> {
  const sources = await relay.sources.list().all();
  const takenBySources = new Set(sources.map(({ uid }) => uid));
  for (const { id, uid, name } of sources) {
    if (uid === null)
      await relay.sources.update(id, { uid: uidFor(name, `source-${id.slice(4, 12)}`, takenBySources) });
  }
  const hooks = await relay.hooks.list().all();
  const takenByHooks = new Set(hooks.map(({ uid }) => uid));
  for (const { id, uid, name, superoffice } of hooks) {
    if (uid !== null || superoffice !== null) continue;
    await relay.hooks.update(id, { uid: uidFor(name, `hook-${id}`, takenByHooks) });
  }
}

function uidFor(name: string, otherwise: string, taken: Set<string | null>): string {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63);
  const uid = slug === '' || taken.has(slug) ? otherwise : slug;
  taken.add(uid);
  return uid;
}
