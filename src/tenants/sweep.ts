/** Once a day each tenant's log is asked to look after what it keeps, some at a time; one that fails is asked the next time. */
import type { TenantsEnv } from './env.ts';
import { eventLogOf } from '../registry/address.ts';
import { withDeadline } from '../storage/deadline.ts';
import { dueMs, type Retry } from '../storage/retry.ts';
import { toTenant, type TenantRow } from './tenant.ts';

const DAILY: Retry = { firstMs: 86_400_000, lastMs: 86_400_000 };
const DEADLINE_MS = 5_000;

export class Sweep {
  readonly #sql: SqlStorage;
  readonly #env: () => TenantsEnv;

  constructor(sql: SqlStorage, env: () => TenantsEnv) {
    this.#sql = sql;
    this.#env = env;
  }

  /** When the next logs are asked; Infinity: there is no open tenant. */
  nextMs(nowMs: number): number {
    const hasOpen = this.#sql.exec(`SELECT 1 FROM tenants WHERE state = 'open' LIMIT 1`).toArray().length > 0;
    return hasOpen ? dueMs(DAILY, this.#next().nextAtMs, nowMs) : Infinity;
  }

  /** Asks up to `limit` logs, if that is due. */
  async goOn(nowMs: number, limit: number): Promise<void> {
    const { nextAtMs, afterId } = this.#next();
    if (dueMs(DAILY, nextAtMs, nowMs) > nowMs) return;
    const rows = this.#sql
      .exec<TenantRow>(
        `SELECT * FROM tenants WHERE state = 'open' AND id > ? ORDER BY id LIMIT ?`,
        afterId,
        limit,
      )
      .toArray();
    await Promise.all(
      rows.map(async (row) => {
        try {
          await withDeadline(eventLogOf(this.#env(), toTenant(row)).sweep(), DEADLINE_MS);
        } catch (error) {
          console.warn('tenant not swept', { tenant: row.id, error: String(error) });
        }
      }),
    );
    const last = rows.length < limit ? undefined : rows.at(-1);
    this.#sql.exec(
      'UPDATE sweep SET next_at = ?, after_id = ?',
      last === undefined ? nowMs + DAILY.firstMs : nowMs,
      last?.id ?? '',
    );
  }

  #next(): { nextAtMs: number; afterId: string } {
    const row = this.#sql.exec<{ next_at: number; after_id: string }>('SELECT * FROM sweep').one();
    return { nextAtMs: row.next_at, afterId: row.after_id };
  }
}
