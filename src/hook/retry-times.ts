/**
 * The times of retries after the clock was set back: those that failed in what is the future now are due again their step
 * from now on. That it is to be done is kept, so that a hook that dies in between goes on with it.
 *
 * It is kept as the time by which all of them failed. What fails meanwhile is noted as if that had been later
 * (tally.ts), so it is told from them, and its health is the newest though their times lie ahead.
 */
import type { Chooser } from './chooser.ts';
import type { Tally } from './tally.ts';

/** In one turn. */
const ROWS_AT_ONCE = 500;

interface Cursor {
  readonly retryAtMs: number;
  readonly position: number;
}

export class RetryTimes {
  readonly #sql: SqlStorage;
  readonly #tally: Tally;
  readonly #chooser: Chooser;
  /** 0: nothing is to be rewritten. */
  #failedByMs: number;
  #last: Cursor | null = null;

  constructor(sql: SqlStorage, tally: Tally, chooser: Chooser) {
    this.#sql = sql;
    this.#tally = tally;
    this.#chooser = chooser;
    this.#failedByMs = tally.rewritingTimesTo;
  }

  get isRewriting(): boolean {
    return this.#failedByMs > 0;
  }

  /** `failedByMs`: no delivery has failed later than this. */
  begin(failedByMs: number): void {
    this.#note(this.#tally.allFailedBy(failedByMs));
    this.#last = null;
  }

  /** Those of the next rows that lie ahead. */
  rewriteSome(nowMs: number): void {
    this.#chooser.changed();
    const rows = this.#sql
      .exec<{ seq: number; retry_at: number; position: number }>(
        `SELECT seq, retry_at, position FROM deliveries
         WHERE state = 'retrying' AND (retry_at, position) > (?, ?) ORDER BY retry_at, position LIMIT ?`,
        this.#last?.retryAtMs ?? -1,
        this.#last?.position ?? -1,
        ROWS_AT_ONCE,
      )
      .toArray();
    // Each is due earlier than before, hence not met again.
    this.#sql.exec(
      `UPDATE deliveries SET retry_at = ?1 + max(0, retry_at - failed_at), failed_at = ?1
       WHERE failed_at > ?1 AND failed_at <= ?2 AND state = 'retrying' AND seq IN (SELECT value FROM json_each(?3))`,
      nowMs,
      this.#failedByMs,
      JSON.stringify(rows.map(({ seq }) => seq)),
    );
    const last = rows.length < ROWS_AT_ONCE ? undefined : rows.at(-1);
    this.#last = last === undefined ? null : { retryAtMs: last.retry_at, position: last.position };
    if (last === undefined) this.#note(0);
  }

  #note(failedByMs: number): void {
    this.#sql.exec('UPDATE bounds SET rewriting_times = ?', failedByMs);
    this.#failedByMs = failedByMs;
  }
}
