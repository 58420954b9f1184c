/**
 * What a queue counts: kept in memory, as counting rows would take as long as the queue, and read from its rows when the
 * object wakes.
 */
import { readBounds } from './bounds.ts';
import { HELD_BACK } from './deliveries.ts';

/** What is counted of each that is pending. */
const COUNTED = `bytes, position, reopened_from IS 'delivered' AS again,
  iif(health IS NULL, NULL, printf('%015d %d', failed_at, seq)) AS snapshot`;

/** From the end of the table, for what the log has offered: more than these are hardly ever replayed in a row. */
const ROWS_LOOKED_AT = 10_000;

/** The columns of a finished delivery that the counters need. */
export type Counted = { bytes: number; again: number };
export const COUNTED_AT_END = `bytes, reopened_from IS 'delivered' AS again`;
export type Ended = Counted & { readonly lane: string | null };

export class Tally {
  #pending: number;
  #pendingBytes: number;
  #sentAgain: number;
  #lastSequence: number;
  #newestSeq: number;
  #lastPosition: number;
  #offeredSeq: number | null = null;
  readonly #sql: SqlStorage;
  /** Up to which the times of retries were being rewritten when the object was loaded; 0: they were not. */
  readonly rewritingTimesTo: number;
  /**
   * Of the newest health in a delivery's row; `failed_at` tells, as what lies behind the payload is slow to read. The time
   * never goes back, whatever the clock does.
   */
  snapshot: { readonly atMs: number; readonly seq: number };

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const pending = sql
      .exec<{ count: number; bytes: number; position: number; again: number; snapshot: string }>(
        `SELECT count(*) AS count, ifnull(sum(bytes), 0) AS bytes, ifnull(max(position), 0) AS position,
           ifnull(sum(again), 0) AS again, ifnull(max(snapshot), '0 0') AS snapshot
         FROM (SELECT ${COUNTED} FROM deliveries WHERE state = 'ready'
           UNION ALL SELECT ${COUNTED} FROM deliveries WHERE ${HELD_BACK}
           UNION ALL SELECT ${COUNTED} FROM deliveries WHERE state = 'retrying' AND lane IS NULL)`,
      )
      .one();
    this.#pending = pending.count;
    this.#pendingBytes = pending.bytes;
    this.#sentAgain = pending.again;
    const [atMs = 0, seq = 0] = pending.snapshot.split(' ').map(Number);
    const newest = sql
      .exec<{ sequence: number; seq: number }>(
        'SELECT sequence, seq FROM deliveries WHERE sequence IS NOT NULL ORDER BY seq DESC LIMIT 1',
      )
      .toArray()[0];
    this.#newestSeq = newest?.seq ?? 0;
    const { sequenceFloor, rewritingTimesTo } = readBounds(sql);
    this.#lastSequence = Math.max(newest?.sequence ?? 0, sequenceFloor);
    this.rewritingTimesTo = rewritingTimesTo;
    this.snapshot = { atMs: Math.max(atMs, rewritingTimesTo), seq };
    this.#lastPosition = Math.max(pending.position, this.#newestSeq);
  }

  get pending(): number {
    return this.#pending;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Of those pending, how many have arrived before. */
  get sentAgain(): number {
    return this.#sentAgain;
  }

  /** Every delivery there ever was has a number; the last one given out. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** The highest place that has a number. */
  get newestSeq(): number {
    return this.#newestSeq;
  }

  /**
   * The last place that the log has offered in its turn, hence all before it, as far as the rows tell. What a replay brings
   * may lie beyond.
   */
  get offeredSeq(): number {
    this.#offeredSeq ??= this.#sql
      .exec<{ seq: number }>(
        `SELECT ifnull(max(seq), 0) AS seq FROM (
           SELECT seq, replay FROM deliveries ORDER BY seq DESC LIMIT ${ROWS_LOOKED_AT}) WHERE replay IS NULL`,
      )
      .one().seq;
    return this.#offeredSeq;
  }

  /** The last position in the queue that was taken. */
  get lastPosition(): number {
    return this.#lastPosition;
  }

  /** The event at this place has the next number. To be called once its row is written, or the numbers had a gap. */
  numbered(seq: number): void {
    this.#lastSequence += 1;
    this.#newestSeq = Math.max(this.#newestSeq, seq);
  }

  /** The log has offered the event at this place. */
  offered(seq: number): void {
    this.#offeredSeq = Math.max(this.#offeredSeq ?? 0, seq);
  }

  /** One more is pending, at this position. `isAgain`: it has arrived before. */
  added(position: number, bytes: number, isAgain: boolean): void {
    this.#lastPosition = position;
    this.#pending += 1;
    this.#pendingBytes += bytes;
    if (isAgain) this.#sentAgain += 1;
  }

  /** One has taken this position and has ended already. */
  passed(position: number): void {
    this.#lastPosition = position;
  }

  ended({ bytes, again }: Counted): void {
    this.#pending -= 1;
    this.#pendingBytes -= bytes;
    this.#sentAgain -= again;
  }

  /** Nothing failed later than this: what fails from now on counts as newer, whatever the clock says. */
  allFailedBy(atMs: number): number {
    this.snapshot = { atMs: Math.max(atMs, this.snapshot.atMs), seq: this.snapshot.seq };
    return this.snapshot.atMs;
  }

  allEnded(): void {
    this.#pending = 0;
    this.#pendingBytes = 0;
    this.#sentAgain = 0;
  }
}
