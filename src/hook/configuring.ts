/** What a hook is told of its registration: the first time, when it changes, and that it is to go on. */
import { afterEnabling, afterRetargeting, heldFrom, type Health } from '../core/health.ts';
import type { HookRegistration } from '../core/hook-registration.ts';
import { logChange } from './hook-lines.ts';
import { writeHealth } from './health.ts';
import { replaceRegistration } from './assignment.ts';
import type { HookMemory } from './hook-memory.ts';
import type { OpenHook } from './open-hook.ts';

/** Takes over another registration. False: the hook has a newer one, or this very one. */
export function configure(memory: HookMemory, registration: HookRegistration, nowMs: number): boolean {
  const before = memory.opened().assignment.registration;
  if (registration.version <= before.version) return false;
  memory.commit((hook) => {
    replaceRegistration(memory.sql, hook.vault, registration);
    hook.assignment = { ref: hook.assignment.ref, registration };
    hook.tokens.seal();
    if (registration.deletedAtMs !== null || !sameAuth(registration, before)) hook.tokens.forget();
    if (registration.deletedAtMs !== null) {
      hook.replay.cancel(nowMs);
      const cancelled = hook.queue.cancelAll('deleted', nowMs);
      hook.health = writeHealth(memory.sql, {
        ...hook.health,
        cancelled: hook.health.cancelled + cancelled,
      });
    } else if (registration.config.ordering !== before.config.ordering) {
      hook.queue.reorder(registration.config.ordering);
    }
    const isRetargeted = registration.deletedAtMs === null && registration.config.url !== before.config.url;
    noteHold(
      memory.sql,
      hook,
      isRetargeted ? startedOver(hook, afterRetargeting, nowMs) : hook.health,
      nowMs,
    );
  });
  logChange(memory.opened(), before);
  return true;
}

function sameAuth({ config: a }: HookRegistration, { config: b }: HookRegistration): boolean {
  return JSON.stringify(a.auth ?? null) === JSON.stringify(b.auth ?? null);
}

/**
 * Re-enables the hook if it was disabled and clears its failure count. What has failed is due now, in order; where
 * anything has, one attempt at a time goes out until the first success.
 */
export function enable(memory: HookMemory, nowMs: number): void {
  memory.commit((hook) => {
    noteHold(memory.sql, hook, startedOver(hook, afterEnabling, nowMs), nowMs);
  });
}

/** What has failed is due now, in order, as a probe at a time. */
function startedOver(hook: OpenHook, after: typeof afterEnabling, nowMs: number): Health {
  const hasFailed = hook.queue.makeDue();
  hook.isAfterFailedRetry = false;
  return after(hook.health, hasFailed, nowMs);
}

/** Writes down how the hook fares, and since when it is held. */
export function noteHold(sql: SqlStorage, hook: OpenHook, health: Health, nowMs: number): void {
  const { paused } = hook.assignment.registration.config;
  const noted = heldFrom(health, paused, nowMs);
  if (noted !== hook.health) hook.health = writeHealth(sql, noted);
}
