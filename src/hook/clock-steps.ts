/**
 * A clock that is set back makes nothing wait longer than its own longest step. What was counted from a time that lies
 * ahead now is counted from now on: kept times are rewritten once, in bounded steps, and those in memory alone are capped.
 *
 * Every wait begins with a failure, so that the times of the hook's health tell of the step.
 */
import { afterClockStep, lastKnownMs } from '../core/health.ts';
import { emptyBucket } from '../core/rate-limit.ts';
import { LOOK_AGAIN_MAX_MS } from '../switchboard/switch-state.ts';
import { writeHealth } from './health.ts';
import type { HookMemory } from './hook-memory.ts';
import type { OpenHook } from './open-hook.ts';

/** Steps back that are too small to be told from a slow clock may have come between two failures. */
const SMALL_STEPS_MS = 60_000;

/** Caps what is in memory alone. True: kept times are to be rewritten. Writes nothing. */
export function isClockBack(hook: OpenHook, nowMs: number): boolean {
  const { notices, replay, writability, assignment, queue } = hook;
  const { rateLimit } = assignment.registration.config;
  if (rateLimit !== null) hook.bucket = Math.min(hook.bucket, emptyBucket(rateLimit, nowMs));
  if (hook.pausedUntilMs > nowMs + LOOK_AGAIN_MAX_MS) hook.pausedUntilMs = nowMs;
  notices.heedClock(nowMs);
  replay.heedClock(nowMs);
  writability.heedClock(nowMs);
  return queue.retryTimes.isRewriting || afterClockStep(hook.health, nowMs) !== hook.health;
}

/** One step of rewriting what is kept. To be called before it is asked what is due, and before a failure is written down. */
export function heedClock(memory: HookMemory, nowMs: number): void {
  if (memory.open === null || !isClockBack(memory.open, nowMs)) return;
  memory.commit((hook) => {
    const health = afterClockStep(hook.health, nowMs);
    if (health !== hook.health) {
      hook.queue.retryTimes.begin(lastKnownMs(hook.health) + SMALL_STEPS_MS);
      hook.health = writeHealth(memory.sql, health);
    }
    hook.queue.retryTimes.rewriteSome(nowMs);
  });
}
