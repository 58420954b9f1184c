/**
 * Removes what has ended from the lower end of a hook's deliveries, a bounded step at a time. What is pending or in
 * flight stays, and no number that was given out is given out again.
 */
import type { DeliveryState } from '../core/delivery.ts';
import { readBounds, writeBounds } from './bounds.ts';
import { isPending } from './delivery-states.ts';
import { writeHealth } from './health.ts';
import { lastSuccessOf, type OpenHook } from './open-hook.ts';
import type { Queue } from './queue.ts';

const ROWS_DELETED = 1_000;
const ROWS_LOOKED_AT = 10_000;

export interface PurgeStep {
  /** False: there is more to do; the same call goes on with it. */
  readonly isDone: boolean;
  /** Places below the bound that are still pending, rising, at most 10,000; told by the last step alone. */
  readonly pending: number[];
  /** Of this place and those above nothing is told; null: `pending` is complete. */
  readonly pendingFrom: number | null;
}

export const NOTHING_TO_PURGE: PurgeStep = { isDone: true, pending: [], pendingFrom: null };

/** One step, over deliveries of events below `beforeSeq`. */
export function purge(sql: SqlStorage, queue: Queue, beforeSeq: number): PurgeStep {
  const bounds = readBounds(sql);
  const rows = below(sql, bounds.purgeFrom, beforeSeq);
  const ended = rows
    .filter(({ seq, state }) => !isPending(state) && !queue.isInFlight(seq))
    .map(({ seq }) => seq)
    .slice(0, ROWS_DELETED);
  sql.exec('DELETE FROM deliveries WHERE seq IN (SELECT value FROM json_each(?))', JSON.stringify(ended));
  const isDone = ended.length < ROWS_DELETED && rows.length < ROWS_LOOKED_AT;
  const lastSeq = (ended.length < ROWS_DELETED ? rows.at(-1)?.seq : ended.at(-1)) ?? 0;
  if (isDone) queue.expunged.forgetBelow(beforeSeq);
  writeBounds(sql, {
    sequenceFloor: queue.lastSequence,
    purgedBefore: Math.max(bounds.purgedBefore, beforeSeq),
    purgeFrom: isDone ? 0 : lastSeq + 1,
  });
  return isDone ? pendingBelow(sql, 0, beforeSeq) : { isDone, pending: [], pendingFrom: 0 };
}

/** What is pending from `fromSeq` on and below `beforeSeq`, as the last step of a purge tells it. */
export function pendingBelow(sql: SqlStorage, fromSeq: number, beforeSeq: number): PurgeStep {
  const rows = below(sql, fromSeq, beforeSeq);
  const last = rows.length < ROWS_LOOKED_AT ? undefined : rows.at(-1);
  return {
    isDone: true,
    pending: rows.filter(({ state }) => isPending(state)).map(({ seq }) => seq),
    pendingFrom: last === undefined ? null : last.seq + 1,
  };
}

function below(sql: SqlStorage, fromSeq: number, beforeSeq: number): { seq: number; state: DeliveryState }[] {
  return sql
    .exec<{ seq: number; state: DeliveryState }>(
      'SELECT seq, state FROM deliveries WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?',
      fromSeq,
      beforeSeq,
      ROWS_LOOKED_AT,
    )
    .toArray();
}

/** The newest success may be told by a row alone: to be called before rows are deleted. */
export function noteLastSuccess(sql: SqlStorage, hook: OpenHook): void {
  const lastSuccessAtMs = lastSuccessOf(hook);
  if (lastSuccessAtMs !== hook.health.lastSuccessAtMs)
    hook.health = writeHealth(sql, { ...hook.health, lastSuccessAtMs });
}
