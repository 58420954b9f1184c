/** Tells that deliveries of a hook wait for longer than its owner wants, and that its queue takes no more. */
import { DEFAULT_BACKLOG_AFTER_SECONDS } from '../core/hook-config.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import { attemptsOf } from './attempt-log.ts';
import { QUEUED_AT } from './deliveries.ts';
import type { QueueLimits } from './enqueuing.ts';
import type { HookMemory } from './hook-memory.ts';
import { NO_CAUSE } from './notices.ts';
import { notify } from './notify.ts';
import type { OpenHook } from './open-hook.ts';
import { waitingOf } from './waiting.ts';

/** Of those that are tried again the next ones are looked at: who waits in a lane stands behind one of them. */
const RETRIES_LOOKED_AT = 20;
/** An occasion ends when the oldest has waited for less than this part, so that a queue about that long tells once. */
const OVER_BELOW = 0.5;
/** Of its bounds: a queue about that long is not full anew with each event. */
const ROOM_BELOW = 0.9;

interface Oldest {
  readonly id: string;
  readonly type: string;
  readonly subject: string | null;
  readonly log: string;
  readonly at: number;
}

/** When the oldest delivery is to be looked at; Infinity: none waits, or it has been told. */
export function backlogDueMs(hook: OpenHook, nowMs: number): number {
  if (hook.queue.pending === 0) {
    hook.pendingSinceMs = Infinity;
    return Infinity;
  }
  if (hook.occasions.has('backlog') || hook.assignment.registration.deletedAtMs !== null) return Infinity;
  // What comes in while nothing waits has come in now; after that the oldest only gets younger.
  if (hook.pendingSinceMs === Infinity) hook.pendingSinceMs = nowMs;
  hook.pendingSinceMs ??= hook.queue.deliveries.oldPendingAtMs() ?? nowMs;
  return Math.min(hook.pendingSinceMs, nowMs) + afterMs(hook);
}

/** Begins or ends an occasion, where it is time to look. */
export function noteBacklog(memory: HookMemory, nowMs: number): void {
  const hook = memory.open;
  if (hook === null) return;
  const { occasions, queue } = hook;
  const isTold = occasions.has('backlog');
  if (!isTold && backlogDueMs(hook, nowMs) > nowMs) return;
  const oldest = queue.pending === 0 ? null : oldestOf(memory.sql);
  const waitedMs = oldest === null ? 0 : nowMs - oldest.at;
  hook.pendingSinceMs = oldest === null ? Infinity : oldest.at;
  if (isTold && waitedMs < afterMs(hook) * OVER_BELOW) occasions.end('backlog');
  if (isTold || oldest === null || waitedMs < afterMs(hook)) return;
  const last = attemptsOf(oldest.log).at(-1);
  memory.commit(() => {
    occasions.begin('backlog');
    notify(hook, 'posthorn.hook.backlog', oldest, waitingOf(hook, nowMs)?.reason ?? null, oldest.at, {
      statusCode: last?.statusCode ?? null,
      error: last?.error ?? null,
      answerExcerpt: null,
    });
  });
}

/** A queue that was full has room again. */
export function noteRoom({ occasions, queue }: OpenHook, limits: QueueLimits): void {
  if (!occasions.has('queue-full')) return;
  const { pending, pendingBytes } = queue;
  if (pending < limits.deliveries * ROOM_BELOW && pendingBytes < limits.bytes * ROOM_BELOW)
    occasions.end('queue-full');
}

/** An event was skipped as the queue takes no more. */
export function noteFull(hook: OpenHook, event: StoredEvent, nowMs: number): void {
  if (hook.occasions.has('queue-full')) return;
  hook.occasions.begin('queue-full');
  const cause = { ...NO_CAUSE, error: hook.health.lastError };
  notify(hook, 'posthorn.hook.queue-full', event, 'queue-full', nowMs, cause);
}

function afterMs({ assignment }: OpenHook): number {
  const { backlogAfterSeconds = DEFAULT_BACKLOG_AFTER_SECONDS } = assignment.registration.config;
  return backlogAfterSeconds * 1000;
}

function oldestOf(sql: SqlStorage): Oldest | null {
  const [oldest] = sql
    .exec<Record<string, SqlStorageValue> & Oldest>(
      `SELECT event_id AS id, type, subject, attempt_log AS log, ${QUEUED_AT} AS at FROM deliveries WHERE seq IN (
         SELECT seq FROM (SELECT seq FROM deliveries WHERE state = 'ready' ORDER BY position LIMIT 1)
         UNION ALL
         SELECT seq FROM (SELECT seq FROM deliveries WHERE state = 'retrying' ORDER BY retry_at LIMIT ?))
       ORDER BY at LIMIT 1`,
      RETRIES_LOOKED_AT,
    )
    .toArray();
  return oldest ?? null;
}
