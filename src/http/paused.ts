/** The gate in front of what the operator may switch off. */
import type { Env } from '../env.ts';
import type { SwitchName } from '../switchboard/switch-state.ts';
import { switchesNow } from '../switchboard/switches.ts';
import { Refusal } from './problem.ts';

export async function isPaused(env: Env, name: SwitchName): Promise<boolean> {
  return (await switchesNow(env))[name] === 'paused';
}

export function paused(name: SwitchName): Refusal {
  return new Refusal('paused', `The operator has paused ${name}.`);
}
