/**
 * Events whose payload has been deleted, as far as this hook may meet them again: in its rows, or in a call that was
 * under way. Their rows stay, without payload and without what a receiver answered, as it may echo the payload.
 */
import { blankOf } from '../storage/blank.ts';
import { attemptsOf, NO_EVIDENCE, storedAttempts } from './attempt-log.ts';

export class Expunged {
  readonly #sql: SqlStorage;
  readonly #seqs: Set<number>;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#seqs = new Set(
      sql
        .exec<{ seq: number }>('SELECT seq FROM expunged')
        .toArray()
        .map(({ seq }) => seq),
    );
  }

  has(seq: number): boolean {
    return this.#seqs.has(seq);
  }

  /**
   * Empties the row, and first overwrites what it holds with the same length: SQLite then writes in place, while a row
   * that changes its length moves and leaves its bytes behind in the file.
   */
  add(seq: number): void {
    this.#sql.exec('INSERT OR IGNORE INTO expunged (seq) VALUES (?)', seq);
    this.#seqs.add(seq);
    const log = this.#attemptLogOf(seq);
    this.#sql.exec(
      `UPDATE deliveries SET content_type = ${blank('content_type')}, head = ${blank('head')},
         raw = iif(raw IS NULL, NULL, zeroblob(length(raw))), health = ${blank('health')}, attempt_log = ? WHERE seq = ?`,
      blankOf(log),
      seq,
    );
    this.#sql.exec(
      `UPDATE deliveries SET kind = NULL, content_type = NULL, head = NULL, raw = NULL, health = NULL, attempt_log = ?
       WHERE seq = ?`,
      storedAttempts(attemptsOf(log).map((attempt) => ({ ...attempt, ...NO_EVIDENCE }))),
      seq,
    );
  }

  forgetBelow(seq: number): void {
    for (const forgotten of this.#sql.exec<{ seq: number }>(
      'DELETE FROM expunged WHERE seq < ? RETURNING seq',
      seq,
    ))
      this.#seqs.delete(forgotten.seq);
  }

  /** Of an event that never came here: an empty one. */
  #attemptLogOf(seq: number): string {
    const row = this.#sql
      .exec<{ attempt_log: string }>('SELECT attempt_log FROM deliveries WHERE seq = ?', seq)
      .toArray()[0];
    return row?.attempt_log ?? '[]';
  }
}

/** Text of as many bytes. */
const blank = (column: string) => {
  const bytes = `length(CAST(${column} AS BLOB))`;
  return `substr(hex(zeroblob(${bytes})), 1, ${bytes})`;
};
