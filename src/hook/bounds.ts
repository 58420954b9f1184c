/** What a hook has to know of rows that are gone: one row, written by what removes or brings back old deliveries. */
export interface Bounds {
  /** `posthorn-sequence` numbers up to this one have been given out, whatever rows are left. */
  readonly sequenceFloor: number;
  /** Of events below this place what has ended may be gone. */
  readonly purgedBefore: number;
  /** Where a purge under way goes on; 0: none is. */
  readonly purgeFrom: number;
}

/** `rewritingTimesTo`: see retry-times.ts, which alone changes it. */
export function readBounds(sql: SqlStorage): Bounds & { readonly rewritingTimesTo: number } {
  const row = sql
    .exec<{ sequence_floor: number; purged_before: number; purge_from: number; rewriting_times: number }>(
      'SELECT * FROM bounds',
    )
    .one();
  return {
    sequenceFloor: row.sequence_floor,
    purgedBefore: row.purged_before,
    purgeFrom: row.purge_from,
    rewritingTimesTo: row.rewriting_times,
  };
}

export function writeBounds(sql: SqlStorage, bounds: Bounds): void {
  sql.exec(
    'UPDATE bounds SET sequence_floor = ?, purged_before = ?, purge_from = ?',
    bounds.sequenceFloor,
    bounds.purgedBefore,
    bounds.purgeFrom,
  );
}

/** To be called where a number goes to a row that is not the newest. */
export function raiseSequenceFloor(sql: SqlStorage, sequence: number): void {
  sql.exec('UPDATE bounds SET sequence_floor = max(sequence_floor, ?)', sequence);
}
