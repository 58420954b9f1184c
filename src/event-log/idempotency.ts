/**
 * Answers to calls that carried an Idempotency-Key, kept for a day. An answer is written in the commit of what it
 * tells of, so that a call repeated after a crash finds either both or neither; and forgotten in the commit in which what
 * it made is deleted.
 */
import { isOutdated, isSealed } from '../core/sealing.ts';
import { secretUnreadable } from '../storage/unreadable.ts';
import { OPEN_VAULT, type Vault } from '../storage/vault.ts';
import type { Resealed } from './reencryption.ts';

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
  readonly #vault: Vault;
  #purgedAtMs = 0;

  constructor(sql: SqlStorage, vault = OPEN_VAULT) {
    this.#sql = sql;
    this.#vault = vault;
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
      ? { kind: 'created', value: this.#answerOf(key, row.answer) as T }
      : { kind: 'mismatch' };
  }

  /** An answer that is sealed is kept as a text of JSON: later schema steps look into those that are not. */
  #answerOf(key: string, kept: string): unknown {
    const value: unknown = JSON.parse(kept);
    if (typeof value !== 'string') return value;
    const opened = this.#vault.box(`answer ${key}`).open('/answer', value);
    if (isSealed(opened)) throw secretUnreadable('the answer under this Idempotency-Key');
    return JSON.parse(opened);
  }

  #keptOf(key: string, answer: object): string {
    const text = JSON.stringify(answer);
    const kept = this.#vault.box(`answer ${key}`).seal('/answer', text);
    return kept === text ? text : JSON.stringify(kept);
  }

  /** `made`: what the answer tells of, as `forgetMade` names it; null: nothing that could be deleted. */
  remember({ key, digest }: Idempotency, answer: object, made: string | null, nowMs: number): void {
    if (nowMs - this.#purgedAtMs > PURGE_EVERY_MS) {
      this.#purgedAtMs = nowMs;
      this.forgetOld(nowMs);
    }
    this.#sql.exec(
      'INSERT OR REPLACE INTO idempotent_answers (key, digest, answer, made, created_at) VALUES (?, ?, ?, ?, ?)',
      key,
      digest,
      this.#keptOf(key, answer),
      made,
      nowMs,
    );
  }

  forgetOld(nowMs: number): void {
    this.#forget('created_at <= ?', nowMs - KEPT_MS);
  }

  forget({ key }: Idempotency): void {
    this.#forget('key = ?', key);
  }

  /** Forgets what was answered when this was made: the same call makes another one. */
  forgetMade(made: string): void {
    this.#forget('made = ?', made);
  }

  /** Brings answers above a key under the first key of the vault, up to `limit` of them. */
  reseal(after: number | string, limit: number): Resealed[] {
    const rows = this.#sql
      .exec<{ key: string; answer: string }>(
        'SELECT key, answer FROM idempotent_answers WHERE key > ? ORDER BY key LIMIT ?',
        after,
        limit,
      )
      .toArray();
    return rows.map(({ key, answer }) => {
      const value: unknown = JSON.parse(answer);
      const kept = typeof value === 'string' ? value : '';
      const text =
        typeof value === 'string' ? this.#vault.box(`answer ${key}`).open('/answer', value) : answer;
      const isLegible = !isSealed(text);
      const isChanged = isOutdated(this.#vault.ring, kept);
      if (isChanged && isLegible) {
        this.#blank('key = ?', key);
        const again = this.#keptOf(key, JSON.parse(text) as object);
        this.#sql.exec('UPDATE idempotent_answers SET answer = ? WHERE key = ?', again, key);
      }
      return { place: key, isChanged, isLegible };
    });
  }

  /** How many there are above a key; null: how many in all. */
  countAfter(after: number | string | null): number {
    return this.#sql
      .exec<{ count: number }>('SELECT count(*) AS count FROM idempotent_answers WHERE key > ?', after ?? '')
      .one().count;
  }

  /** An answer that tells of what was made may hold its secret, so it is overwritten before its row goes. */
  #forget(condition: string, value: string | number): void {
    this.#blank(condition, value);
    this.#sql.exec(`DELETE FROM idempotent_answers WHERE ${condition}`, value);
  }

  #blank(condition: string, value: string | number): void {
    this.#sql.exec(
      `UPDATE idempotent_answers SET answer = printf('%*s', length(CAST(answer AS BLOB)), '')
       WHERE ${condition} AND made IS NOT NULL`,
      value,
    );
  }
}
