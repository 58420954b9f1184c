/**
 * kill -9 of npm leaves the process it started behind, unseen, on the data that the next `npm start` needs. So a relay
 * that npm started follows npm; one that was started directly outlives whoever started it.
 */
import { readFileSync } from 'node:fs';

const CHECK_MS = 250;

/** Where npm's shell does not replace itself by this process, npm is the grandparent. */
interface Launcher {
  readonly parent: number;
  readonly grandparent: number | null;
}

/** To be called first thing at start-up, so that a launcher that dies soon after is noticed. */
export function launcher(): Launcher | null {
  if (process.env.npm_lifecycle_event === undefined) return null;
  const parent = process.ppid;
  const { name, parent: grandparent } = processOf(parent) ?? {};
  const shell = name !== undefined && /^(sh|dash|bash)$/.test(name);
  return { parent, grandparent: shell ? (grandparent ?? null) : null };
}

export function whenGone({ parent, grandparent }: Launcher, act: () => void): void {
  const timer = setInterval(() => {
    const gone =
      process.ppid !== parent || (grandparent !== null && processOf(parent)?.parent !== grandparent);
    if (!gone) return;
    clearInterval(timer);
    act();
  }, CHECK_MS);
  timer.unref();
}

/** Linux only; elsewhere the shell of npm replaces itself. */
function processOf(pid: number): { name: string; parent: number } | null {
  try {
    const [, name = '', parent = ''] =
      /\((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return { name, parent: Number(parent) };
  } catch {
    return null;
  }
}
