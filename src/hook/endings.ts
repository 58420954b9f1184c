/**
 * How a pending delivery ends without a request: cancelled, dead-lettered, expired. Its payload goes with it, and
 * what waits behind it in its lane goes on.
 */
import type { Reason } from '../core/delivery.ts';
import { appendedLog, storedAttempt, type AttemptRecord } from './attempt-log.ts';
import type { Chooser } from './chooser.ts';
import type { Claims } from './claims.ts';
import { HELD_BACK, PENDING, QUEUED_AT, AS_ENDED } from './deliveries.ts';
import type { Delivery } from './delivery-row.ts';
import type { Lanes } from './lanes.ts';
import { COUNTED_AT_END, type Counted, type Ended, type Tally } from './tally.ts';

export class Endings {
  readonly #sql: SqlStorage;
  readonly #tally: Tally;
  readonly #claims: Claims;
  readonly #lanes: Lanes;
  readonly #chooser: Chooser;

  constructor(sql: SqlStorage, tally: Tally, claims: Claims, lanes: Lanes, chooser: Chooser) {
    this.#sql = sql;
    this.#tally = tally;
    this.#claims = claims;
    this.#lanes = lanes;
    this.#chooser = chooser;
  }

  /** Ends a pending delivery that nobody wants any more, and says as what. Null when it is not pending. */
  cancel(seq: number, reason: 'cancelled' | 'deleted', nowMs: number): 'cancelled' | 'delivered' | null {
    return this.#end(seq, 'cancelled', reason, nowMs);
  }

  /** See `Queue.deadLetter`. */
  deadLetter(
    delivery: Delivery,
    reason: Reason,
    attempt: AttemptRecord,
    nowMs: number,
  ): 'dead' | 'delivered' | null {
    return this.#end(delivery.seq, 'dead', reason, nowMs, attempt);
  }

  /** Ends what has been pending since then or earlier, oldest first, at most `limit`, and says as what. */
  expire(
    queuedUntilMs: number,
    limit: number,
    nowMs: number,
  ): (Pick<Delivery, 'id' | 'type' | 'subject'> & { readonly state: 'dead' | 'delivered' })[] {
    const due = this.#sql
      .exec<{ seq: number; id: string; type: string; subject: string | null }>(
        `SELECT seq, event_id AS id, type, subject FROM deliveries WHERE seq IN (
           SELECT seq FROM (SELECT seq, ${QUEUED_AT} AS at FROM deliveries WHERE state = 'ready'
             ORDER BY position LIMIT ?2) WHERE at <= ?1
           UNION ALL SELECT seq FROM deliveries WHERE ${HELD_BACK} AND ${QUEUED_AT} <= ?1
           UNION ALL SELECT seq FROM deliveries WHERE state = 'retrying' AND lane IS NULL AND ${QUEUED_AT} <= ?1)
         ORDER BY position LIMIT ?2`,
        queuedUntilMs,
        limit,
      )
      .toArray();
    return due.flatMap(({ seq, id, type, subject }) => {
      const state = this.#end(seq, 'dead', 'expired', nowMs);
      return state === null ? [] : [{ id, type, subject, state }];
    });
  }

  /** Ends all that is pending. Returns how many of them count as cancelled. */
  cancelAll(reason: Reason, nowMs: number): number {
    this.#chooser.changed();
    const sentAgain = this.#sql
      .exec<{ seq: number }>(`SELECT seq FROM deliveries WHERE ${PENDING} AND reopened_from = 'delivered'`)
      .toArray();
    for (const { seq } of sentAgain) {
      this.#write(seq, 'cancelled', reason, nowMs);
      this.#claims.leaveLane(seq);
    }
    this.#sql.exec(
      `UPDATE deliveries SET state = 'cancelled', reason = ?, finished_at = ?, retry_at = NULL, manual = 0,
         ${AS_ENDED}
       WHERE ${PENDING}`,
      reason,
      nowMs,
    );
    const cancelled = this.#tally.pending - sentAgain.length;
    this.#tally.allEnded();
    return cancelled;
  }

  /** Of one that has just ended, by an attempt or without. */
  ended(row: Ended): void {
    this.#tally.ended(row);
    if (row.lane !== null) this.#lanes.free(row.lane);
  }

  #end<State extends 'dead' | 'cancelled'>(
    seq: number,
    state: State,
    reason: Reason,
    nowMs: number,
    attempt: AttemptRecord | null = null,
  ): State | 'delivered' | null {
    this.#chooser.changed();
    const row = this.#write(seq, state, reason, nowMs, attempt);
    if (row === null) return null;
    this.#claims.leaveLane(seq);
    this.ended(row);
    return row.state;
  }

  /** What had been delivered once ends as delivered, whatever became of sending it again. Null: it is not pending. */
  #write<State extends 'dead' | 'cancelled'>(
    seq: number,
    state: State,
    reason: Reason,
    nowMs: number,
    attempt: AttemptRecord | null = null,
  ): ({ readonly state: State | 'delivered' } & Ended) | null {
    const lane = this.#lanes.laneOf(seq);
    const row = this.#sql
      .exec<{ state: State | 'delivered' } & Counted>(
        `UPDATE deliveries SET retry_at = NULL, manual = 0,
           state = CASE WHEN reopened_from IS 'delivered' THEN 'delivered' ELSE ?1 END,
           reason = CASE WHEN reopened_from IS 'delivered' THEN NULL ELSE ?2 END,
           finished_at = CASE WHEN reopened_from IS 'delivered' THEN finished_at ELSE ?3 END,
           attempts = attempts + (?5 IS NOT NULL),
           attempt_log = ${appendedLog('?5')}, ${AS_ENDED}
         WHERE seq = ?4 AND ${PENDING} RETURNING state, ${COUNTED_AT_END}`,
        state,
        reason,
        nowMs,
        seq,
        attempt === null ? null : storedAttempt(attempt),
      )
      .toArray()[0];
    return row === undefined ? null : { ...row, lane };
  }
}
