/** What the log offers comes into the queue, in the order of the log. */
import type { StoredEvent } from '../core/stored-event.ts';
import { noteFull, noteRoom } from './backlog.ts';
import type { QueueLimits } from './enqueuing.ts';
import { writeHealth } from './health.ts';
import type { HookMemory } from './hook-memory.ts';
import type { OpenHook } from './open-hook.ts';

/** What the hook has already taken it takes without effect; what it took before a failure stays taken. */
export function takeIn(
  memory: HookMemory,
  events: readonly StoredEvent[],
  limits: QueueLimits,
  nowMs: number,
): void {
  const hook = memory.opened();
  const { config, deletedAtMs } = hook.assignment.registration;
  let cancelled = 0;
  noteRoom(hook, limits);
  try {
    for (const event of events) {
      const sequence = hook.queue.lastSequence;
      const isQueued = hook.queue.enqueue(event, config.ordering, limits, deletedAtMs !== null, nowMs);
      if (!isQueued && hook.queue.lastSequence > sequence) cancelled += 1;
      if (!isQueued && isSkipped(hook, event, limits)) noteFull(hook, event, nowMs);
    }
    hook.writability.isProven = true;
  } finally {
    if (cancelled > 0)
      hook.health = writeHealth(memory.sql, {
        ...hook.health,
        cancelled: hook.health.cancelled + cancelled,
      });
  }
}

/** It did not come in for want of room. What has been told already is not looked up again. */
function isSkipped({ queue, occasions }: OpenHook, event: StoredEvent, limits: QueueLimits): boolean {
  if (occasions.has('queue-full') || !queue.isFull(event, limits)) return false;
  const row = queue.deliveries.find(event.seq);
  return row?.state === 'skipped' && row.reason === 'queue-full';
}
