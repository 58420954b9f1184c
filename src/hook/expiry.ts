/** What has been held for too long, as the hook is paused or disabled, ends: a bounded step at a time. */
import { writeHealth } from './health.ts';
import type { HookMemory } from './hook-memory.ts';
import { NO_CAUSE } from './notices.ts';
import { notify } from './notify.ts';
import type { OpenHook } from './open-hook.ts';

/** So many end in one turn. */
const EXPIRED_AT_ONCE = 500;
/** A hook that has been held for long is looked through this often at most. */
const EXPIRY_LOOK_MS = 3_600_000;

/** When held deliveries are to be looked through for what has been held for `heldMs`; Infinity: there are none. */
export function expiryDueMs({ health, queue, expiryFromMs }: OpenHook, heldMs: number): number {
  if (health.heldSinceMs === null || queue.pending === 0) return Infinity;
  return Math.max(health.heldSinceMs + heldMs, expiryFromMs);
}

/** Ends some of what has been held for `heldMs`, if it is time to look. */
export function expireHeld(memory: HookMemory, heldMs: number, nowMs: number): void {
  if (memory.open === null || expiryDueMs(memory.open, heldMs) > nowMs) return;
  memory.commit((hook) => {
    if (!expire(memory.sql, hook, heldMs, nowMs)) return;
    const oldestMs = hook.queue.deliveries.oldestPendingAtMs();
    hook.expiryFromMs = Math.max(nowMs + EXPIRY_LOOK_MS, (oldestMs ?? 0) + heldMs);
  });
}

/** False: there may be more. */
function expire(sql: SqlStorage, hook: OpenHook, heldMs: number, nowMs: number): boolean {
  hook.hours.turn(hook, nowMs);
  const expired = hook.queue.expire(nowMs - heldMs, EXPIRED_AT_ONCE, nowMs);
  const dead = expired.filter(({ state }) => state === 'dead');
  for (const delivery of dead)
    notify(hook, 'posthorn.delivery.dead', delivery, 'expired', hook.health.heldSinceMs, NO_CAUSE);
  if (expired.length > 0)
    hook.health = writeHealth(sql, { ...hook.health, dead: hook.health.dead + dead.length });
  return expired.length < EXPIRED_AT_ONCE;
}
