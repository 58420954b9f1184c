/**
 * The hook's health on disk: one row, written when something fails, recovers or ends badly, not at each success. A retry
 * that fails again writes it into its delivery's row instead, which is written anyway (queue.ts). The one with more
 * errors is the newer. So the row is written whenever a pending delivery ends, save for a success while nothing fails.
 */
import type { Health } from '../core/health.ts';

interface Row extends Record<string, SqlStorageValue> {
  disabled_reason: string | null;
  consecutive_failures: number;
  receiver_failures: number;
  failing_since: number | null;
  outage_since: number | null;
  announced: number;
  held_since: number | null;
  only_failed_seq: number | null;
  hold_until: number | null;
  last_success_at: number | null;
  last_failure_at: number | null;
  last_probe_at: number | null;
  tried_kinds: string;
  last_error: string | null;
  last_answer: string | null;
  errors: number;
  extra_successes: number;
  dead: number;
  revived: number;
  cancelled: number;
}

/** `snapshot`: the newest one of a pending delivery, as JSON. */
export function readHealth(sql: SqlStorage, snapshot: string | null): Health {
  const row = sql.exec<Row>('SELECT * FROM health').one();
  const written: Health = {
    disabledReason: row.disabled_reason as Health['disabledReason'],
    consecutiveFailures: row.consecutive_failures,
    receiverFailures: row.receiver_failures,
    failingSinceMs: row.failing_since,
    outageSinceMs: row.outage_since,
    isAnnounced: row.announced === 1,
    heldSinceMs: row.held_since,
    onlyFailedSeq: row.only_failed_seq,
    holdUntilMs: row.hold_until,
    lastSuccessAtMs: row.last_success_at,
    lastFailureAtMs: row.last_failure_at,
    lastProbeAtMs: row.last_probe_at,
    triedKinds: JSON.parse(row.tried_kinds) as string[],
    lastError: row.last_error as Health['lastError'],
    lastAnswer: row.last_answer,
    errors: row.errors,
    extraSuccesses: row.extra_successes,
    dead: row.dead,
    revived: row.revived,
    cancelled: row.cancelled,
  };
  const inRow = snapshot === null ? null : (JSON.parse(snapshot) as Partial<Health>);
  if (inRow === null || (inRow.errors ?? 0) <= written.errors) return written;
  // An older version did not tell failures apart.
  const receiverFailures = inRow.receiverFailures ?? inRow.consecutiveFailures ?? 0;
  return { ...written, ...inRow, receiverFailures };
}

export function writeHealth(sql: SqlStorage, health: Health): Health {
  sql.exec(
    `UPDATE health SET disabled_reason = ?, consecutive_failures = ?, receiver_failures = ?, failing_since = ?,
       outage_since = ?, announced = ?, held_since = ?, only_failed_seq = ?, hold_until = ?,
       last_success_at = ?, last_failure_at = ?, last_probe_at = ?, tried_kinds = ?, last_error = ?,
       last_answer = ?, errors = ?, extra_successes = ?, dead = ?, revived = ?, cancelled = ?`,
    health.disabledReason,
    health.consecutiveFailures,
    health.receiverFailures,
    health.failingSinceMs,
    health.outageSinceMs,
    health.isAnnounced ? 1 : 0,
    health.heldSinceMs,
    health.onlyFailedSeq,
    health.holdUntilMs,
    health.lastSuccessAtMs,
    health.lastFailureAtMs,
    health.lastProbeAtMs,
    JSON.stringify(health.triedKinds),
    health.lastError,
    health.lastAnswer,
    health.errors,
    health.extraSuccesses,
    health.dead,
    health.revived,
    health.cancelled,
  );
  return health;
}
