/** How far the fan-out has come: one row, written once for each round of calls. */
export interface Progress {
  /** Every hook has been served with the events up to here, or is in `lagging`. */
  readonly fannedSeq: number;
  /** End of the batch that has been begun, and the last hook served with it. */
  readonly begun: { readonly toSeq: number; readonly afterHook: number } | null;
}

/**
 * `countedSeq`: how far the source counters on disk reach; kept in the same row, so that both cost one write.
 * `lastRecordedAtMs`: of an event that has been deleted since; 0: of none.
 */
export function readProgress(
  sql: SqlStorage,
): Progress & { readonly countedSeq: number; readonly lastRecordedAtMs: number } {
  const row = sql
    .exec<{
      fanned_seq: number;
      batch_to: number | null;
      after_hook: number | null;
      counted_seq: number;
      last_recorded_at: number;
    }>('SELECT * FROM progress')
    .one();
  const { batch_to: toSeq, after_hook: afterHook } = row;
  return {
    fannedSeq: row.fanned_seq,
    begun: toSeq === null || afterHook === null ? null : { toSeq, afterHook },
    countedSeq: row.counted_seq,
    lastRecordedAtMs: row.last_recorded_at,
  };
}

export function saveProgress(sql: SqlStorage, { fannedSeq, begun }: Progress, countedSeq: number): void {
  sql.exec(
    'UPDATE progress SET fanned_seq = ?, batch_to = ?, after_hook = ?, counted_seq = ?',
    fannedSeq,
    begun?.toSeq ?? null,
    begun?.afterHook ?? null,
    countedSeq,
  );
}

export function saveCounted(sql: SqlStorage, countedSeq: number): void {
  sql.exec('UPDATE progress SET counted_seq = ?', countedSeq);
}

export function saveLastRecorded(sql: SqlStorage, atMs: number): void {
  sql.exec('UPDATE progress SET last_recorded_at = ?', atMs);
}
