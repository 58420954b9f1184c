/**
 * The ways in which a relay dies, each by SIGKILL. Only processes of the given relay are ended: its group, and the
 * workerd that carries its data folder in its environment.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workerdsOf } from '../../../scripts/relay/orphans.ts';
import type { Relay } from '../relay.ts';
import type { Dice } from './dice.ts';
import type { Cut } from './target.ts';

/**
 * both: host and workerd at once · host: the host alone, its workerd serves on until the next start takes over ·
 * workerd: the workerd alone, which its host starts again · starting: host and workerd, and then once more while the
 * next start is under way.
 */
export const DEATHS = ['both', 'host', 'workerd', 'starting'] as const;
export type DeathKind = (typeof DEATHS)[number];

/** A workerd ended within this span. */
export interface Death extends Cut {
  readonly kind: DeathKind;
}

const ORPHANED_MS = 800;
const DOWN_MS = 400;
const STARTING_MS = 1_500;
const SERVED_AGAIN_MS = 15_000;

/** Ends the relay and has it running again. Resolves with every end of a workerd there was. */
export async function killAndRestart(relay: Relay, kind: DeathKind, dice: Dice): Promise<Death[]> {
  const fromMs = Date.now();
  const death = (): Death => ({ kind, fromMs, toMs: Date.now() });
  switch (kind) {
    case 'both': {
      await relay.kill9();
      const ended = death();
      await sleep(dice.between(0, DOWN_MS));
      await relay.restart();
      return [ended];
    }
    case 'host':
      await relay.killHost9();
      await sleep(dice.between(0, ORPHANED_MS));
      await relay.restart();
      return [death()];
    case 'workerd':
      for (const pid of workerdsOf(relay.dataDir)) process.kill(pid, 'SIGKILL');
      if (!(await servedAgain(relay.url))) await relay.restart();
      return [death()];
    case 'starting': {
      await relay.kill9();
      const ended = death();
      const fromStartMs = Date.now();
      // It does not get ready, unless it was faster than the kill.
      const started = relay.restart().catch(() => undefined);
      await sleep(dice.between(100, STARTING_MS));
      killStarting(relay);
      await started;
      await relay.kill9();
      const endedAgain: Death = { kind, fromMs: fromStartMs, toMs: Date.now() };
      await relay.restart();
      return [ended, endedAgain];
    }
  }
}

/** The relay's own handle still names the process before; the new one writes its id into the folder. */
function killStarting({ dataDir, pid: formerPid }: Relay): void {
  const pid = Number(readFileSync(join(dataDir, 'relay.pid'), 'utf8'));
  // Not that far yet.
  if (pid === formerPid) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Ended by itself.
  }
}

async function servedAgain(url: string): Promise<boolean> {
  const deadlineMs = Date.now() + SERVED_AGAIN_MS;
  while (Date.now() < deadlineMs) {
    try {
      if ((await fetch(`${url}/healthz`)).status === 200) return true;
    } catch {
      // Not yet.
    }
    await sleep(20);
  }
  return false;
}
