/**
 * Tenants that are being made or erased, and when each of them is to go on. One whose steps fail waits for longer each
 * time, and those that go on take turns, so that none holds up another.
 */
import { dueMs, retryAtMs, type Retry } from '../storage/retry.ts';
import type { TenantRow } from './tenant.ts';

/** The first is that of the call which began it: it does the first step itself. */
const RETRY: Retry = { firstMs: 5_000, lastMs: 600_000 };

export class Unfinished {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Those that are due, who has waited longest first. Each has failed until it is said that it has not. */
  claimDue(nowMs: number, limit: number): TenantRow[] {
    const rows = this.#sql
      .exec<TenantRow>(
        `SELECT * FROM tenants WHERE state != 'open' AND (next_at <= ?1 OR next_at > ?2) ORDER BY next_at LIMIT ?3`,
        nowMs,
        nowMs + RETRY.lastMs,
        limit,
      )
      .toArray();
    for (const { id, failures } of rows) this.#set(id, failures + 1, retryAtMs(RETRY, failures + 1, nowMs));
    return rows;
  }

  /** The next step may follow at once. */
  hasGoneOn({ id, incarnation }: TenantRow, nowMs: number): void {
    this.#sql.exec(
      `UPDATE tenants SET failures = 0, next_at = ? WHERE id = ? AND incarnation = ? AND state != 'open'`,
      nowMs,
      id,
      incarnation,
    );
  }

  /** The call that is under way does the next step; should it end before, the alarm does. */
  begun(id: string, nowMs: number): void {
    this.#set(id, 0, nowMs + RETRY.firstMs);
  }

  /** When the next of them goes on; Infinity: there are none. */
  nextMs(nowMs: number): number {
    const row = this.#sql
      .exec<{ at: number }>(
        `SELECT next_at AS at FROM tenants WHERE state != 'open' ORDER BY next_at LIMIT 1`,
      )
      .toArray()[0];
    return row === undefined ? Infinity : dueMs(RETRY, row.at, nowMs);
  }

  #set(id: string, failures: number, nextAtMs: number): void {
    this.#sql.exec('UPDATE tenants SET failures = ?, next_at = ? WHERE id = ?', failures, nextAtMs, id);
  }
}
