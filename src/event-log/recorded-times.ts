/**
 * Finds places of the log by the time of receipt. Times rise with places, save where the clock was set back by so much that
 * the log followed it: those places are kept, and between two of them halving finds a time without an index.
 */
export class RecordedTimes {
  readonly #sql: SqlStorage;
  /** Places whose time lies before that of the place in front of them, in order. */
  #steps: number[] = [];

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.reread();
  }

  /** To be called where a transaction that may have noted one has failed. */
  reread(): void {
    const rows = this.#sql.exec<{ seq: number }>('SELECT seq FROM time_steps ORDER BY seq').toArray();
    this.#steps = rows.map(({ seq }) => seq);
  }

  /** From this place on times begin anew, before that of the place in front of it. */
  stepBack(seq: number): void {
    this.#sql.exec('INSERT OR IGNORE INTO time_steps (seq) VALUES (?)', seq);
    this.#steps.push(seq);
  }

  /** Steps of which only one side is left are none. */
  forgetBefore(seq: number): void {
    const kept = this.#steps.filter((step) => step > seq);
    if (kept.length === this.#steps.length) return;
    this.#sql.exec('DELETE FROM time_steps WHERE seq <= ?', seq);
    this.#steps = kept;
  }

  /** A place at or before the first event that was recorded at `ms` or later; behind all of them where there is none. */
  firstSince(ms: number, firstSeq: number, lastSeq: number): number {
    for (const [from, to] of this.#stretches(firstSeq, lastSeq)) {
      const last = this.#row('seq <= ?2 AND seq >= ?1 ORDER BY seq DESC', from, to);
      if (last !== null && last.at >= ms) return this.#part(ms, from, last.seq);
    }
    return lastSeq + 1;
  }

  /** The place behind the last event that was recorded before `ms`; the first of all where there is none. */
  endBefore(ms: number, firstSeq: number, lastSeq: number): number {
    for (const [from, to] of this.#stretches(firstSeq, lastSeq).reverse()) {
      const [first, last] = [
        this.#row('seq >= ?1 AND seq <= ?2 ORDER BY seq', from, to),
        this.#row('seq <= ?2 AND seq >= ?1 ORDER BY seq DESC', from, to),
      ];
      if (first === null || last === null || first.at >= ms) continue;
      return last.at < ms ? last.seq + 1 : this.#part(ms, from, last.seq);
    }
    return firstSeq;
  }

  /** Where times rise with places: first and last place of each part. */
  #stretches(firstSeq: number, lastSeq: number): [from: number, to: number][] {
    const steps = this.#steps.filter((seq) => seq > firstSeq && seq <= lastSeq);
    const starts = [firstSeq, ...steps];
    return starts.map((from, at) => [from, (starts[at + 1] ?? lastSeq + 1) - 1]);
  }

  /** Within one of them: parts what was recorded before from the rest. `lastSeq` is of the rest. */
  #part(ms: number, firstSeq: number, lastSeq: number): number {
    let low = firstSeq;
    let high = lastSeq;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = this.#row('seq >= ?1 AND seq <= ?2 ORDER BY seq', middle, lastSeq);
      if (row === null || row.at >= ms) high = middle;
      else low = row.seq + 1;
    }
    return low;
  }

  #row(which: string, from: number, to: number): { seq: number; at: number } | null {
    const query = `SELECT seq, recorded_at AS at FROM events WHERE ${which} LIMIT 1`;
    return this.#sql.exec<{ seq: number; at: number }>(query, from, to).toArray()[0] ?? null;
  }
}
