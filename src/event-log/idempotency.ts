/**
 * Answers to calls that carried an Idempotency-Key, kept for a day. An answer is written in the commit of what it
 * tells of, so that a call repeated after a crash finds either both or neither.
 */
export interface Idempotency {
  /** The caller's key, with the call and the caller in front. */
  readonly key: string;
  /** SHA-256 of the body, in hex. */
  readonly digest: string;
}

/** `mismatch`: the key came before with another body. */
export type Created<T> = { readonly kind: 'created'; readonly value: T } | { readonly kind: 'mismatch' };

const KEPT_MS = 24 * 3_600_000;
const PURGE_EVERY_MS = 3_600_000;

export class IdempotentAnswers {
  readonly #sql: SqlStorage;
  #purgedAtMs = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** What the same call was answered, or null when it is new. */
  find<T>({ key, digest }: Idempotency, nowMs: number): Created<T> | null {
    const row = this.#sql
      .exec<{ digest: string; answer: string }>(
        'SELECT digest, answer FROM idempotent_answers WHERE key = ? AND created_at > ?',
        key,
        nowMs - KEPT_MS,
      )
      .toArray()[0];
    if (row === undefined) return null;
    return row.digest === digest
      ? { kind: 'created', value: JSON.parse(row.answer) as T }
      : { kind: 'mismatch' };
  }

  remember({ key, digest }: Idempotency, answer: object, nowMs: number): void {
    if (nowMs - this.#purgedAtMs > PURGE_EVERY_MS) {
      this.#purgedAtMs = nowMs;
      this.forgetOld(nowMs);
    }
    this.#sql.exec(
      'INSERT OR REPLACE INTO idempotent_answers (key, digest, answer, created_at) VALUES (?, ?, ?, ?)',
      key,
      digest,
      JSON.stringify(answer),
      nowMs,
    );
  }

  forgetOld(nowMs: number): void {
    this.#sql.exec('DELETE FROM idempotent_answers WHERE created_at <= ?', nowMs - KEPT_MS);
  }

  forget({ key }: Idempotency): void {
    this.#sql.exec('DELETE FROM idempotent_answers WHERE key = ?', key);
  }
}
