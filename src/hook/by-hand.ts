/** What is asked for by hand of one delivery: to go out again, or not to go out at all. */
import type { StoredEvent } from '../core/stored-event.ts';
import { isPending } from './delivery-states.ts';
import type { QueueLimits } from './enqueuing.ts';
import { writeHealth } from './health.ts';
import type { HookMemory } from './hook-memory.ts';
import { holdReason, type OpenHook } from './open-hook.ts';

/** Of a hook that is held nothing goes out. */
export type HoldRefusal = 'paused' | 'disabled';
/** Why a call by hand did nothing, or that it did. */
type ByHandRefusal = 'unknown' | 'in-flight' | HoldRefusal;
export type RetryResult = 'retried' | 'expunged' | 'queue-full' | ByHandRefusal;
export type CancelResult = 'cancelled' | 'ended' | ByHandRefusal;

/**
 * Sends a delivery again by hand, now: a pending one instead of its scheduled attempt, using no step; an ended one
 * with a fresh schedule.
 */
export function retryByHand(
  memory: HookMemory,
  event: StoredEvent,
  limits: QueueLimits,
  nowMs: number,
): RetryResult {
  const hook = memory.opened();
  const record = hook.queue.deliveries.find(event.seq);
  const isDeleted = hook.assignment.registration.deletedAtMs !== null;
  if (record === null || record.state === 'skipped' || isDeleted) return 'unknown';
  if (hook.queue.expunged.has(event.seq)) return 'expunged';
  const refusal = refusalOf(hook, event.seq);
  if (refusal !== null) return refusal;
  const { state } = record;
  if (!isPending(state) && hook.queue.isFull(event, limits)) return 'queue-full';
  memory.commit(() => {
    switch (state) {
      case 'dead':
        hook.health = writeHealth(memory.sql, {
          ...hook.health,
          dead: hook.health.dead - 1,
          revived: hook.health.revived + 1,
        });
        hook.queue.reopen(event, state, nowMs);
        break;
      case 'cancelled':
        hook.health = writeHealth(memory.sql, { ...hook.health, cancelled: hook.health.cancelled - 1 });
        hook.queue.reopen(event, state, nowMs);
        break;
      case 'delivered':
        hook.queue.reopen(event, state, nowMs);
        break;
      case 'ready':
      case 'waiting':
      case 'retrying':
        hook.queue.retryNow(event.seq);
    }
  });
  return 'retried';
}

/** Ends a pending delivery by hand; what waits behind it goes on. */
export function cancelByHand(memory: HookMemory, seq: number, nowMs: number): CancelResult {
  const hook = memory.opened();
  const record = hook.queue.deliveries.find(seq);
  if (record === null) return 'unknown';
  const refusal = refusalOf(hook, seq);
  if (refusal !== null) return refusal;
  return cancel(memory, seq, 'cancelled', nowMs) ? 'cancelled' : 'ended';
}

/** False: it is not pending. */
export function cancel(
  memory: HookMemory,
  seq: number,
  reason: 'cancelled' | 'deleted',
  nowMs: number,
): boolean {
  const state = memory.commit((hook) => {
    const ended = hook.queue.cancel(seq, reason, nowMs);
    if (ended !== null) {
      const cancelled = hook.health.cancelled + (ended === 'cancelled' ? 1 : 0);
      hook.health = writeHealth(memory.sql, { ...hook.health, cancelled });
    }
    return ended;
  });
  return state !== null;
}

function refusalOf(hook: OpenHook, seq: number): 'in-flight' | HoldRefusal | null {
  return hook.queue.isInFlight(seq) ? 'in-flight' : heldRefusalOf(hook);
}

export function heldRefusalOf(hook: OpenHook): HoldRefusal | null {
  const held = holdReason(hook);
  if (held === null) return null;
  return held === 'paused' ? 'paused' : 'disabled';
}
