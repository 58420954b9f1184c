/** What has ended joins the queue once more, and the counters of what has ended follow. */
import type { StoredEvent } from '../core/stored-event.ts';
import type { ReplayedState } from './deliveries.ts';
import { writeHealth } from './health.ts';
import type { OpenHook } from './open-hook.ts';

/**
 * Of these events the deliveries that have ended in one of these states join the tail of their lanes, under the name of
 * what asked for them. Returns how many did: their rows are looked at again, as anything may have happened to them
 * meanwhile. To be called within a commit.
 */
export function requeueAll(
  sql: SqlStorage,
  hook: OpenHook,
  events: readonly StoredEvent[],
  states: readonly ReplayedState[],
  replay: string,
  nowMs: number,
): number {
  const { ordering } = hook.assignment.registration.config;
  const left = { dead: 0, cancelled: 0, delivered: 0 };
  for (const event of events) {
    const former = hook.queue.requeue(event, states, ordering, replay, nowMs);
    if (former !== null) left[former] += 1;
  }
  if (left.dead + left.cancelled > 0) {
    const { dead, revived, cancelled } = hook.health;
    hook.health = writeHealth(sql, {
      ...hook.health,
      dead: dead - left.dead,
      revived: revived + left.dead,
      cancelled: cancelled - left.cancelled,
    });
  }
  return left.dead + left.cancelled + left.delivered;
}
