/**
 * kill -9 of a relay leaves its workerd child serving the port and writing the data. Each workerd carries the folder it
 * serves in its environment, so an orphan is known by what it is, not by a process id that may have been given away.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartProblem } from './start-problem.ts';

const MARK = 'POSTHORN_DATA_FOLDER';
const GONE_WITHIN_MS = 10_000;

/** What a relay gives its workerd, so that a later start knows it. */
export function workerdMark(dataFolder: string): Record<string, string> {
  return { [MARK]: dataFolder };
}

/** The workerd processes that serve a data folder. */
export function workerdsOf(dataFolder: string): number[] {
  const mark = `${MARK}=${dataFolder}`;
  return process.platform === 'linux' ? workerdsInProc(mark) : workerdsInPs(mark);
}

/** Ends what an earlier relay left behind. The caller holds the folder's lock and has not started its own workerd yet. */
export async function endOrphans(dataFolder: string): Promise<number[]> {
  const orphans = workerdsOf(dataFolder);
  for (const pid of orphans) kill(pid);
  const deadline = Date.now() + GONE_WITHIN_MS;
  while (!orphans.every(ended)) {
    if (Date.now() > deadline) {
      throw new StartProblem(
        `workerd ${orphans.join(', ')} of an earlier relay on ${dataFolder} does not end`,
      );
    }
    await sleep(20);
  }
  return orphans;
}

function workerdsInProc(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          isWorkerd(readlinkSync(`/proc/${pid}/exe`)) &&
          readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark)
        );
      } catch {
        // Ended meanwhile, or another user's.
        return false;
      }
    });
}

/** macOS and the BSDs: `-E` adds the environment to the command line. */
function workerdsInPs(mark: string): number[] {
  const table = execFileSync('ps', ['-axwwE', '-o', 'pid=,command='], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return table.split('\n').flatMap((line) => {
    const [, pid, command] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || command === undefined || !` ${command} `.includes(` ${mark} `)) return [];
    return isWorkerd(command.split(' serve ')[0] ?? '') ? [Number(pid)] : [];
  });
}

/** A replaced binary shows up with a suffix: `/…/workerd (deleted)`. */
function isWorkerd(executable: string): boolean {
  return basename(executable.replace(/ \(deleted\)$/, '')) === 'workerd';
}

/** Gone to the last thread, hence with its files and its port closed: a zombie that nobody collects counts as ended. */
function ended(pid: number): boolean {
  if (process.platform !== 'linux') return !exists(pid);
  try {
    const state = /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
    return state === 'Z' && readdirSync(`/proc/${pid}/task`).length <= 1;
  } catch {
    return true;
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
