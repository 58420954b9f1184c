/**
 * Hooks of erased tenants whose objects could not be erased with them. They are tried again for as long as it takes; nothing
 * leads to them any more, and the tenant's name is free.
 */
import type { TenantRef } from '../registry/address.ts';
import { dueMs, retryAtMs, type Retry } from '../storage/retry.ts';
import type { Jurisdiction } from '../settings.ts';

export interface Leftover {
  readonly ref: TenantRef;
  readonly hookId: number;
}

const RETRY: Retry = { firstMs: 60_000, lastMs: 3_600_000 };

interface Row extends Record<string, SqlStorageValue> {
  tenant: string;
  incarnation: string;
  jurisdiction: string | null;
  hook_id: number;
  failures: number;
  next_at: number;
}

export class Leftovers {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add(ref: TenantRef, hookIds: readonly number[], nowMs: number): void {
    for (const hookId of hookIds) {
      this.#sql.exec(
        `INSERT OR IGNORE INTO leftovers (tenant, incarnation, jurisdiction, hook_id, failures, next_at)
         VALUES (?, ?, ?, ?, 0, ?)`,
        ref.tenant,
        ref.incarnation,
        ref.jurisdiction,
        hookId,
        nowMs + RETRY.firstMs,
      );
    }
  }

  /** Those that are due, who has waited longest first. Each has failed until it is removed. */
  claimDue(nowMs: number, limit: number): Leftover[] {
    const rows = this.#sql
      .exec<Row>(
        'SELECT * FROM leftovers WHERE next_at <= ?1 OR next_at > ?2 ORDER BY next_at LIMIT ?3',
        nowMs,
        nowMs + RETRY.lastMs,
        limit,
      )
      .toArray();
    return rows.map((row) => {
      const { tenant, incarnation, failures } = row;
      this.#sql.exec(
        'UPDATE leftovers SET failures = ?, next_at = ? WHERE incarnation = ? AND hook_id = ?',
        failures + 1,
        retryAtMs(RETRY, failures + 1, nowMs),
        incarnation,
        row.hook_id,
      );
      const ref = { tenant, incarnation, jurisdiction: row.jurisdiction as Jurisdiction | null };
      return { ref, hookId: row.hook_id };
    });
  }

  remove({ ref, hookId }: Leftover): void {
    this.#sql.exec('DELETE FROM leftovers WHERE incarnation = ? AND hook_id = ?', ref.incarnation, hookId);
  }

  /** When the next of them is tried; Infinity: there are none. */
  nextMs(nowMs: number): number {
    const row = this.#sql
      .exec<{ at: number }>('SELECT next_at AS at FROM leftovers ORDER BY next_at LIMIT 1')
      .toArray()[0];
    return row === undefined ? Infinity : dueMs(RETRY, row.at, nowMs);
  }
}
