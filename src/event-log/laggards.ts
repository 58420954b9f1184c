/**
 * Hooks that have not taken their events yet, each with a place of its own in the log: named, typed statements over
 * `lagging`. None of them is in memory, however many they are; of all of them only when the next one is due.
 */

export interface Lag {
  readonly hookId: number;
  /** The first event that the hook may not have. */
  readonly nextSeq: number;
  /** Calls in a row that have failed. */
  readonly failures: number;
  readonly retryAtMs: number;
}

/** Which of them may be called now. */
export interface Callable {
  /** To these a call is under way. */
  readonly except: readonly number[];
  /** Those too whose last call failed. */
  readonly withFailed: boolean;
}

/** No wait is longer: a later time was written by a clock that has been set back since. */
export const LAG_WAIT_MAX_MS = 60_000;

type Row = Record<string, SqlStorageValue> & {
  hook_id: number;
  next_seq: number;
  failures: number;
  retry_at: number;
};

const CALLABLE = 'hook_id NOT IN (SELECT value FROM json_each(?1)) AND (failures = 0 OR ?2)';

export class Laggards {
  readonly #sql: SqlStorage;
  /** When the next one was due that no call was under way to; null: to be looked up. */
  #nextMs: number | null = null;
  /** null: to be looked up. */
  #isEmpty: boolean | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  get isEmpty(): boolean {
    this.#isEmpty ??= this.#sql.exec('SELECT 1 FROM lagging LIMIT 1').toArray().length === 0;
    return this.#isEmpty;
  }

  get(hookId: number): Lag | null {
    if (this.isEmpty) return null;
    const row = this.#sql.exec<Row>('SELECT * FROM lagging WHERE hook_id = ?', hookId).toArray()[0];
    return row === undefined ? null : toLag(row);
  }

  /** Those of these hooks that lag. */
  among(hookIds: readonly number[]): ReadonlySet<number> {
    if (this.isEmpty) return new Set();
    const rows = this.#sql.exec<{ hook_id: number }>(
      'SELECT hook_id FROM lagging WHERE hook_id IN (SELECT value FROM json_each(?))',
      JSON.stringify(hookIds),
    );
    return new Set(rows.toArray().map((row) => row.hook_id));
  }

  /** The first event that one of them may not have; Infinity: none lags. Looks at all of them. */
  get nextSeq(): number {
    if (this.isEmpty) return Infinity;
    return this.#sql.exec<{ seq: number }>('SELECT min(next_seq) AS seq FROM lagging').one().seq;
  }

  save(lag: Lag): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO lagging (hook_id, next_seq, failures, retry_at) VALUES (?, ?, ?, ?)',
      lag.hookId,
      lag.nextSeq,
      lag.failures,
      lag.retryAtMs,
    );
    this.#isEmpty = false;
    this.changed();
  }

  drop(hookId: number): void {
    this.#sql.exec('DELETE FROM lagging WHERE hook_id = ?', hookId);
    this.#isEmpty = null;
    this.changed();
  }

  /** Calls have begun or ended: what is due next is to be looked up again. */
  changed(): void {
    this.#nextMs = null;
  }

  /** Up to `limit` that are due, the longest due first. */
  due({ except, withFailed }: Callable, nowMs: number, limit: number): Lag[] {
    if (this.isEmpty) return [];
    return this.#sql
      .exec<Row>(
        `SELECT * FROM (SELECT * FROM lagging WHERE ${CALLABLE} AND retry_at <= ?3 ORDER BY retry_at LIMIT ?5)
         UNION ALL
         SELECT * FROM (SELECT * FROM lagging WHERE ${CALLABLE} AND retry_at > ?4 ORDER BY retry_at LIMIT ?5)
         LIMIT ?5`,
        JSON.stringify(except),
        withFailed ? 1 : 0,
        nowMs,
        nowMs + LAG_WAIT_MAX_MS,
        limit,
      )
      .toArray()
      .map(toLag);
  }

  /** When the next one is due; Infinity: none is. */
  nextDueMs(callable: () => Callable, nowMs: number): number {
    if (this.isEmpty) return Infinity;
    this.#nextMs ??= this.#lookUpNextMs(callable());
    const isOfAnotherClock = this.#nextMs !== Infinity && this.#nextMs > nowMs + LAG_WAIT_MAX_MS;
    return isOfAnotherClock ? nowMs : this.#nextMs;
  }

  #lookUpNextMs({ except, withFailed }: Callable): number {
    const [row] = this.#sql
      .exec<{ at: number }>(
        `SELECT retry_at AS at FROM lagging WHERE ${CALLABLE} ORDER BY retry_at LIMIT 1`,
        JSON.stringify(except),
        withFailed ? 1 : 0,
      )
      .toArray();
    return row?.at ?? Infinity;
  }
}

function toLag(row: Row): Lag {
  return { hookId: row.hook_id, nextSeq: row.next_seq, failures: row.failures, retryAtMs: row.retry_at };
}
