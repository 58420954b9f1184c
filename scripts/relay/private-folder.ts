/**
 * The data folder: secrets, payloads and the admin key, so nobody but its owner gets in. Settled at every start, because
 * the folder may come from a backup or from a relay that did not see to it.
 */
import { chmodSync, type Dirent, lstatSync, mkdirSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StartProblem } from './start-problem.ts';

const GROUP_AND_OTHERS = 0o077;
const STICKY = 0o1000;

/** Makes the folder where it is missing and closes it to others. Returns its real path: a later start knows the workerd of this one by it. */
export function privateFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const folder = realpathSync(path);
  if ((statSync(folder).mode & STICKY) !== 0) {
    throw new StartProblem(
      `${folder} is a folder that users share; set POSTHORN_DATA to a folder of the relay's own`,
    );
  }
  close(folder);
  return folder;
}

/** Closes all that lies in the folder. A link stays as it is: what it points to may be somebody else's. */
export function closeContents(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (isOurs(entry)) close(path);
    if (entry.isDirectory()) closeContents(path);
  }
}

function isOurs(entry: Dirent): boolean {
  return entry.isFile() || entry.isDirectory();
}

/** Takes away what the group and others may do; what the owner may do stays. */
function close(path: string): void {
  try {
    const { mode } = lstatSync(path);
    if ((mode & GROUP_AND_OTHERS) !== 0) chmodSync(path, mode & 0o700);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // SQLite removes its journals, and another start its scratch files.
    if (code === 'ENOENT') return;
    if (code !== 'EPERM') throw error;
    throw new StartProblem(
      `${path} is open to others and belongs to another user; set POSTHORN_DATA to a folder of your own`,
    );
  }
}
