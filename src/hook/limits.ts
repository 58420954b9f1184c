/** How much a hook may hold, and for how long. Where settings are wrong nothing is deleted for either. */
import type { HookEnv } from './env.ts';
import { settingsOf } from '../settings.ts';

const DAY_MS = 86_400_000;

/** Of what is pending. */
export const QUEUE_LIMITS = { deliveries: 100_000, bytes: 1_000_000_000 };

/** Of the whole object. */
export function maxBytesOf(env: HookEnv): number {
  const reading = settingsOf(env);
  return reading.ok ? reading.settings.hookMaxBytes : Infinity;
}

/** After which what is held expires. */
export function heldMsOf(env: HookEnv): number {
  const reading = settingsOf(env);
  return reading.ok ? reading.settings.heldDays * DAY_MS : Infinity;
}
