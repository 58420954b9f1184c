/**
 * The lanes of a queue (core/lane.ts): what stands behind a retry of its lane waits, and each end of a delivery frees
 * the next one that waits. Whoever changes a lane tells the chooser (chooser.ts) that its outlook is void.
 */
import type { Ordering } from '../core/hook-config.ts';
import { FIFO_LANE } from '../core/lane.ts';
import { HELD_BACK, PENDING } from './deliveries.ts';
import { MANUAL, type Delivery } from './delivery-row.ts';

/** Of `first`: one before it in its lane is held back. */
export const IS_BEHIND = `first.lane IS NOT NULL AND EXISTS (
  SELECT 1 FROM deliveries AS ahead
  WHERE ahead.lane = first.lane AND ahead.lane IS NOT NULL AND ahead.state IN ('waiting', 'retrying')
    AND ahead.position < first.position)`;

export class Lanes {
  readonly #sql: SqlStorage;
  /** False: nothing waits behind another one. */
  mayHoldBack = true;
  #readied = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Rises whenever something that waited may have become ready. */
  get readied(): number {
    return this.#readied;
  }

  /** Something of this lane waits for its retry, or behind one. */
  isHeldBack(lane: string | null): boolean {
    if (lane === null || !this.mayHoldBack) return false;
    const held = this.#sql.exec(`SELECT 1 FROM deliveries WHERE lane = ? AND ${HELD_BACK} LIMIT 1`, lane);
    return held.toArray().length > 0;
  }

  /** Of a pending delivery; what has ended is in none. */
  laneOf(seq: number): string | null {
    const row = this.#sql
      .exec<{ lane: string | null }>(`SELECT lane FROM deliveries WHERE seq = ? AND ${PENDING}`, seq)
      .toArray()[0];
    return row?.lane ?? null;
  }

  /** Of one that joins the tail of its lane. */
  stateAtTail(lane: string | null): 'ready' | 'waiting' {
    return this.isHeldBack(lane) ? 'waiting' : 'ready';
  }

  /** It stands behind another one of its lane, which frees it when it ends. */
  setAside(seq: number): void {
    this.mayHoldBack = true;
    this.#sql.exec(`UPDATE deliveries SET state = 'waiting', retry_at = NULL WHERE seq = ?`, seq);
  }

  /** The next one that waits in a lane may go on. */
  free(lane: string): void {
    const { rowsWritten } = this.#sql.exec(
      `UPDATE deliveries SET state = 'ready' WHERE state = 'waiting' AND seq = (
         SELECT seq FROM deliveries WHERE lane = ? AND ${HELD_BACK} ORDER BY position LIMIT 1)`,
      lane,
    );
    if (rowsWritten > 0) this.#readied += 1;
  }

  /**
   * A retry is always the head of its lane. One that another ordering has put behind others meanwhile, or that was sent
   * by hand before them, waits like them; some of those may not have been tried at all.
   */
  rejoin({ seq, isExtra, lane: laneAtStart }: Delivery, lane: string): void {
    const isOutOfTurn = isExtra || lane !== laneAtStart;
    this.#sql.exec(
      `UPDATE deliveries SET state = 'waiting', retry_at = NULL WHERE seq = ?1 AND (EXISTS (
         SELECT 1 FROM deliveries AS ahead WHERE ahead.lane = ?2 AND ahead.lane IS NOT NULL
           AND ahead.state IN ('waiting', 'retrying') AND ahead.position < deliveries.position)
       OR ?3 AND EXISTS (
         SELECT 1 FROM deliveries AS ahead WHERE ahead.state = 'ready' AND ahead.lane = ?2
           AND ahead.position < deliveries.position))`,
      seq,
      lane,
      isOutOfTurn ? 1 : 0,
    );
  }

  /**
   * Puts what is pending into the lanes of another ordering: the first of each lane goes on, the others wait. What was
   * reopened by hand stays in none.
   */
  reorder(ordering: Ordering): void {
    this.#readied += 1;
    const lane = { fifo: `'${FIFO_LANE}'`, none: 'NULL', subject: `source || char(10) || subject` }[ordering];
    this.#sql.exec(`UPDATE deliveries SET lane = ${lane} WHERE ${PENDING} AND replay IS NOT '${MANUAL}'`);
    this.#sql.exec(
      `UPDATE deliveries SET retry_at = CASE WHEN state = 'retrying' AND place = 1 THEN retry_at END,
         state = CASE WHEN place > 1 THEN 'waiting' WHEN deliveries.state = 'waiting' THEN 'ready' ELSE deliveries.state END
       FROM (SELECT seq AS ranked, CASE WHEN lane IS NULL THEN 1
               ELSE row_number() OVER (PARTITION BY lane ORDER BY position) END AS place
             FROM deliveries WHERE ${PENDING})
       WHERE seq = ranked`,
    );
  }

  /**
   * While nothing is under way: the first that waits in each lane waits for nobody. Attempts that a crash cut off may
   * have been all that it was set aside behind, where another ordering had put it before them.
   */
  freeAll(): void {
    this.#readied += 1;
    this.#sql.exec(
      `UPDATE deliveries SET state = 'ready' WHERE state = 'waiting' AND seq IN (
         SELECT seq FROM (SELECT seq, min(position) FROM deliveries WHERE ${HELD_BACK} GROUP BY lane))`,
    );
  }
}
