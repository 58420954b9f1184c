/**
 * What an attempt came to, in its delivery's row. A success at the first try is one statement; a retry that fails again
 * is one as well, and takes the hook's health along.
 */
import type { Settlement } from '../core/delivery.ts';
import type { Health } from '../core/health.ts';
import { appendedLog, storedAttempt, storedAttempts, type AttemptRecord } from './attempt-log.ts';
import type { Chooser } from './chooser.ts';
import type { Claims } from './claims.ts';
import { PENDING, AS_ENDED } from './deliveries.ts';
import type { Delivery } from './delivery-row.ts';
import type { Endings } from './endings.ts';
import type { Lanes } from './lanes.ts';
import { COUNTED_AT_END, type Counted, type Tally } from './tally.ts';

export class Settling {
  readonly #sql: SqlStorage;
  readonly #tally: Tally;
  readonly #claims: Claims;
  readonly #lanes: Lanes;
  readonly #chooser: Chooser;
  readonly #endings: Endings;
  #lastDeliveredAtMs: number | undefined;

  constructor(
    sql: SqlStorage,
    tally: Tally,
    claims: Claims,
    lanes: Lanes,
    chooser: Chooser,
    endings: Endings,
  ) {
    this.#sql = sql;
    this.#tally = tally;
    this.#claims = claims;
    this.#lanes = lanes;
    this.#chooser = chooser;
    this.#endings = endings;
  }

  /** See `Queue.settleFirst`. */
  first(delivery: Delivery, attempt: AttemptRecord, nowMs: number): boolean {
    if (delivery.attempts > 0 || delivery.replay !== null || delivery.wasDelivered) return false;
    if (this.#lanes.isHeldBack(this.#claims.laneOf(delivery.seq))) return false;
    const { rowsWritten } = this.#sql.exec(
      `UPDATE deliveries SET state = 'delivered', attempts = 1, finished_at = ?, attempt_log = ?, ${AS_ENDED}
       WHERE seq = ? AND state = 'ready' AND attempts = 0 AND manual = 0`,
      nowMs,
      storedAttempts([attempt]),
      delivery.seq,
    );
    if (rowsWritten === 0) return false;
    this.#lastDeliveredAtMs = nowMs;
    this.#tally.ended({ bytes: delivery.bytes, again: 0 });
    // Here, not in `Queue.release`: what was looked up still holds.
    this.#claims.release(delivery.seq);
    return true;
  }

  /** One has arrived that had no row until then. */
  arrived(nowMs: number): void {
    this.#lastDeliveredAtMs = nowMs;
  }

  /** See `Queue.settle`. */
  settle(
    delivery: Delivery,
    settlement: Settlement,
    attempt: AttemptRecord | null,
    health: Health | null,
    nowMs: number,
  ): Settlement['state'] | 'again' | null {
    this.#chooser.changed();
    const state = settlement.state === 'dead' && delivery.wasDelivered ? 'delivered' : settlement.state;
    const ended = state === 'delivered' || state === 'dead';
    // The row's lane, not that of the moment of the attempt: the ordering may have changed meanwhile.
    const lane = this.#lanes.laneOf(delivery.seq);
    const failedAgain = this.#failedAgain(delivery, settlement, attempt, health, nowMs);
    const written =
      failedAgain ??
      this.#sql
        .exec<Counted>(
          `UPDATE deliveries SET state = CASE WHEN state = 'waiting' AND ?1 = 'retrying' THEN state ELSE ?1 END,
           reason = ?2, retry_at = CASE WHEN state = 'waiting' THEN NULL ELSE ?3 END, failed_at = ?4, attempts = ?5,
           steps = ?6, finished_at = ifnull(?7, finished_at), manual = 0, attempt_log = ${appendedLog('?8')},
           ${ended ? AS_ENDED : 'health = NULL'}
         WHERE seq = ?9 AND attempts = ?10 AND ${PENDING} RETURNING ${COUNTED_AT_END}`,
          state,
          settlement.state === state && settlement.state === 'dead' ? settlement.reason : null,
          settlement.state === state && settlement.state === 'retrying' ? settlement.retryAtMs : null,
          state === 'retrying' ? nowMs : null,
          settlement.attempts,
          settlement.steps,
          ended && settlement.state === state ? nowMs : null,
          attempt && storedAttempt(attempt),
          delivery.seq,
          delivery.attempts,
        )
        .toArray()[0];
    if (written === undefined) {
      this.#sql.exec(
        `UPDATE deliveries SET attempts = max(attempts, ?1), attempt_log = ${appendedLog('?2')} WHERE seq = ?3`,
        settlement.attempts,
        attempt && storedAttempt(attempt),
        delivery.seq,
      );
      return null;
    }
    if (settlement.state === 'delivered') this.#lastDeliveredAtMs = nowMs;
    if (ended) this.#endings.ended({ ...written, lane });
    else if (lane !== null) {
      if (state === 'retrying') this.#lanes.rejoin(delivery, lane);
      // One sent by hand may have stood in the way of the head of its lane.
      this.#lanes.free(lane);
    }
    return failedAgain === undefined || health === null ? state : 'again';
  }

  /** The hook's health that was written last into the row of a pending delivery, as JSON. */
  newestHealth(): string | null {
    if (this.#tally.snapshot.seq === 0) return null;
    const row = this.#sql
      .exec<{ health: string | null }>(
        'SELECT health FROM deliveries WHERE seq = ?',
        this.#tally.snapshot.seq,
      )
      .toArray()[0];
    return row?.health ?? null;
  }

  get knownDeliveredAtMs(): number | null {
    return this.#lastDeliveredAtMs ?? null;
  }

  /** When the newest of the deliveries that went out at the first try did so. */
  get lastDeliveredAtMs(): number | null {
    // Looked up once: a long queue stands in front of what has been delivered.
    this.#lastDeliveredAtMs ??= this.#sql
      .exec<{ at: number }>(
        `SELECT finished_at AS at FROM deliveries WHERE state = 'delivered' ORDER BY seq DESC LIMIT 1`,
      )
      .toArray()[0]?.at;
    return this.#lastDeliveredAtMs ?? null;
  }

  /**
   * A retry that comes to another one. An index is written for each column that is named, changed or not: what says
   * where the delivery stands in its lane is not, as it stays. Undefined: more than that changes.
   *
   * No two that hold a health failed at the same time, and none before an earlier one, also when the clock goes back.
   */
  #failedAgain(
    delivery: Delivery,
    settlement: Settlement,
    attempt: AttemptRecord | null,
    health: Health | null,
    nowMs: number,
  ): Counted | undefined {
    if (settlement.state !== 'retrying') return undefined;
    const atMs = Math.max(nowMs, this.#tally.snapshot.atMs + 1);
    const row = this.#sql
      .exec<Counted>(
        `UPDATE deliveries SET retry_at = ?1, failed_at = ?2, attempts = ?3, steps = ?4,
           attempt_log = ${appendedLog('?5')}, health = ?8
         WHERE seq = ?6 AND attempts = ?7 AND state = 'retrying' AND manual = 0 RETURNING ${COUNTED_AT_END}`,
        settlement.retryAtMs,
        atMs,
        settlement.attempts,
        settlement.steps,
        attempt && storedAttempt(attempt),
        delivery.seq,
        delivery.attempts,
        health === null ? null : JSON.stringify(health),
      )
      .toArray()[0];
    if (row !== undefined && health !== null) this.#tally.snapshot = { atMs, seq: delivery.seq };
    return row;
  }
}
