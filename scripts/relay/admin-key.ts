/** The admin key of a local relay: from the environment, else made once and kept in the data folder. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

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
  return { value: keptKey(file), place: shown, shell: `$(cat ${quoted(shown)})` };
}

/** The caller holds the folder's lock: nobody else writes the file meanwhile. */
function keptKey(file: string): string {
  try {
    const kept = readFileSync(file, 'utf8').trim();
    if (kept !== '') return kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const made = randomBytes(32).toString('hex');
  writeFileSync(file, `${made}\n`, { mode: 0o600 });
  return made;
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
