/** How a hook fares: one row, written when something fails, recovers or ends badly, not at each success. */
import type { Reason } from '../core/delivery.ts';

export interface Health {
  readonly disabledReason: Reason | null;
  readonly consecutiveFailures: number;
  readonly lastSuccessAtMs: number | null;
  readonly lastFailureAtMs: number | null;
  /** Error code of the last failure. */
  readonly lastError: string | null;
  readonly dead: number;
  readonly cancelled: number;
}

export function readHealth(sql: SqlStorage): Health {
  const row = sql
    .exec<{
      disabled_reason: Reason | null;
      consecutive_failures: number;
      last_success_at: number | null;
      last_failure_at: number | null;
      last_error: string | null;
      dead: number;
      cancelled: number;
    }>('SELECT * FROM health')
    .one();
  return {
    disabledReason: row.disabled_reason,
    consecutiveFailures: row.consecutive_failures,
    lastSuccessAtMs: row.last_success_at,
    lastFailureAtMs: row.last_failure_at,
    lastError: row.last_error,
    dead: row.dead,
    cancelled: row.cancelled,
  };
}

export function writeHealth(sql: SqlStorage, health: Health): Health {
  sql.exec(
    `UPDATE health SET disabled_reason = ?, consecutive_failures = ?, last_success_at = ?, last_failure_at = ?,
       last_error = ?, dead = ?, cancelled = ?`,
    health.disabledReason,
    health.consecutiveFailures,
    health.lastSuccessAtMs,
    health.lastFailureAtMs,
    health.lastError,
    health.dead,
    health.cancelled,
  );
  return health;
}
