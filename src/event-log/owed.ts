/**
 * Hooks that could not be told of a payload that has been deleted: each has a next try of its own, so that one which fails
 * keeps neither other hooks nor other events waiting.
 */
import { dueMs, retryAtMs, type Retry } from '../storage/retry.ts';

export interface Owed {
  readonly hookId: number;
  readonly seq: number;
}

const RETRY: Retry = { firstMs: 5_000, lastMs: 600_000 };

export class OwedTellings {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add({ hookId, seq }: Owed, nowMs: number): void {
    this.#sql.exec(
      'INSERT OR IGNORE INTO owed (hook_id, seq, failures, retry_at) VALUES (?, ?, 1, ?)',
      hookId,
      seq,
      retryAtMs(RETRY, 1, nowMs),
    );
  }

  /** Those that are due, who has waited longest first. */
  due(nowMs: number, limit: number): Owed[] {
    return this.#sql
      .exec<{ hook_id: number; seq: number }>(
        'SELECT hook_id, seq FROM owed WHERE retry_at <= ?1 OR retry_at > ?2 ORDER BY retry_at LIMIT ?3',
        nowMs,
        nowMs + RETRY.lastMs,
        limit,
      )
      .toArray()
      .map((row) => ({ hookId: row.hook_id, seq: row.seq }));
  }

  /** The hook still cannot be told, of this one or another. */
  failed(hookId: number, nowMs: number): void {
    const { failures } = this.#sql
      .exec<{ failures: number }>('SELECT max(failures) AS failures FROM owed WHERE hook_id = ?', hookId)
      .one();
    this.#sql.exec(
      'UPDATE owed SET failures = ?, retry_at = ? WHERE hook_id = ?',
      failures + 1,
      retryAtMs(RETRY, failures + 1, nowMs),
      hookId,
    );
  }

  remove({ hookId, seq }: Owed): void {
    this.#sql.exec('DELETE FROM owed WHERE hook_id = ? AND seq = ?', hookId, seq);
  }

  has(seq: number): boolean {
    return this.#sql.exec('SELECT 1 FROM owed WHERE seq = ? LIMIT 1', seq).toArray().length > 0;
  }

  /** When the next hook is to be told; Infinity: there is none. */
  dueMs(nowMs: number): number {
    const row = this.#sql
      .exec<{ at: number }>('SELECT retry_at AS at FROM owed ORDER BY retry_at LIMIT 1')
      .toArray()[0];
    return row === undefined ? Infinity : dueMs(RETRY, row.at, nowMs);
  }
}
