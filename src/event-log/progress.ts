/** How far the fan-out has come: one row, written once for each round of calls. */
export interface Progress {
  /** Every hook has been served with the events up to here, or is in `lagging`. */
  readonly fannedSeq: number;
  /** End of the batch that has been begun, and the last hook served with it. */
  readonly begun: { readonly toSeq: number; readonly afterHook: number } | null;
}

/** What else is in memory and written down with progress. */
export interface Flushed {
  /** The place in the log that the source counters on disk include. */
  readonly countedSeq: number;
  /** Hooks whose summary is not in its table. */
  readonly unsaved: string;
}

/**
 * `countedSeq`: how far the source counters on disk reach; kept in the same row, so that both cost one write.
 * `unsaved`: hooks whose summary is in memory alone (summaries.ts). `lastRecordedAtMs`: of an event that has been deleted since; 0: of none.
 */
export function readProgress(sql: SqlStorage): Progress & {
  readonly countedSeq: number;
  readonly lastRecordedAtMs: number;
  readonly unsaved: string;
} {
  const row = sql
    .exec<{
      fanned_seq: number;
      batch_to: number | null;
      after_hook: number | null;
      counted_seq: number;
      last_recorded_at: number;
      unsaved: string;
    }>('SELECT * FROM progress')
    .one();
  const { batch_to: toSeq, after_hook: afterHook } = row;
  return {
    fannedSeq: row.fanned_seq,
    begun: toSeq === null || afterHook === null ? null : { toSeq, afterHook },
    countedSeq: row.counted_seq,
    lastRecordedAtMs: row.last_recorded_at,
    unsaved: row.unsaved,
  };
}

export function saveProgress(
  sql: SqlStorage,
  { fannedSeq, begun }: Progress,
  { countedSeq, unsaved }: Flushed,
): void {
  sql.exec(
    'UPDATE progress SET fanned_seq = ?, batch_to = ?, after_hook = ?, counted_seq = ?, unsaved = ?',
    fannedSeq,
    begun?.toSeq ?? null,
    begun?.afterHook ?? null,
    countedSeq,
    unsaved,
  );
}

export function saveCounted(sql: SqlStorage, { countedSeq, unsaved }: Flushed): void {
  sql.exec('UPDATE progress SET counted_seq = ?, unsaved = ?', countedSeq, unsaved);
}

export function saveLastRecorded(sql: SqlStorage, atMs: number): void {
  sql.exec('UPDATE progress SET last_recorded_at = ?', atMs);
}
