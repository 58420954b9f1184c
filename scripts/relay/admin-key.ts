/** The admin key of a local relay: from the environment, else made once and kept in the data folder. */
import { randomBytes } from 'node:crypto';
import { join, relative } from 'node:path';
import { keptText } from './kept-text.ts';

export interface AdminKey {
  readonly value: string;
  /** For people: where the key comes from. */
  readonly place: string;
  /** For a shell: what to write to get it. */
  readonly shell: string;
}

export function adminKey(env: NodeJS.ProcessEnv, dataFolder: string): AdminKey {
  const given = env.POSTHORN_ADMIN_KEY;
  if (given !== undefined && given !== '') {
    return { value: given, place: 'the environment, POSTHORN_ADMIN_KEY', shell: '$POSTHORN_ADMIN_KEY' };
  }
  const file = join(dataFolder, 'admin-key');
  const near = relative(process.cwd(), file);
  const shown = near.startsWith('..') ? file : near;
  return {
    value: keptText(file, () => randomBytes(32).toString('hex')),
    place: shown,
    shell: `$(cat ${quoted(shown)})`,
  };
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
