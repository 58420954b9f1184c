/**
 * One relay a data folder. The lock is SQLite's exclusive file lock, held by this process and released by the kernel
 * however it ends: no stale lock to judge after kill -9, and of two simultaneous starts only one gets it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartProblem } from './start-problem.ts';

/** Long enough for a relay that is just stopping. */
const WAIT_MS = 3_000;
const SQLITE_BUSY = 5;

export interface DataFolderLock {
  release(): void;
}

export function lockDataFolder(dataFolder: string): DataFolderLock {
  const pidFile = join(dataFolder, 'relay.pid');
  const database = new DatabaseSync(join(dataFolder, 'relay.lock'), { timeout: WAIT_MS });
  try {
    // The database stays empty: it needs no journal file beside it.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!(error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY)) throw error;
    throw new StartProblem(
      `another relay${holder(pidFile)} is running on ${dataFolder}; stop it, or set POSTHORN_DATA to another folder`,
    );
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  return {
    release() {
      database.close();
    },
  };
}

/** Only for the message: the lock decides, the file just names. */
function holder(pidFile: string): string {
  try {
    return ` (process ${readFileSync(pidFile, 'utf8').trim()})`;
  } catch {
    return '';
  }
}
