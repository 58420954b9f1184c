/**
 * What has changed here and must still be told elsewhere: KV records and hook objects. A change adds its keys in
 * the turn that makes it; `flush` tells the present state of each key, so that it can be repeated, and forgets a
 * key only if it did not change meanwhile. One telling of a key at a time: an older state never lands last.
 *
 * Each key has a next try of its own, which moves on with each failure, so that those which fail, however many, hold up no
 * other.
 */
import { dueMs, retryAtMs, type Retry } from '../storage/retry.ts';

export interface OutboxHost {
  tell(key: string): Promise<void>;
  nowMs(): number;
}

/** The first after the call that made the change, should it end before it has told it. */
const RETRY: Retry = { firstMs: 5_000, lastMs: 60_000 };

export class Outbox {
  readonly #sql: SqlStorage;
  readonly #host: OutboxHost;
  readonly #telling = new Map<string, Promise<void>>();

  constructor(sql: SqlStorage, host: OutboxHost) {
    this.#sql = sql;
    this.#host = host;
  }

  add(...keys: string[]): void {
    for (const key of keys) {
      // One that has failed for long is tried soon after a change, too.
      this.#sql.exec(
        `INSERT INTO outbox (key, version, failures, retry_at) VALUES (?, 1, 0, ?)
         ON CONFLICT (key) DO UPDATE SET version = version + 1, retry_at = min(retry_at, excluded.retry_at)`,
        key,
        this.#host.nowMs() + RETRY.firstMs,
      );
    }
  }

  /** What the calls of an object that has ended have left behind is due at once. */
  orphaned(): void {
    const nowMs = this.#host.nowMs();
    this.#sql.exec('UPDATE outbox SET retry_at = ?1 WHERE failures = 0 AND retry_at > ?1', nowMs);
  }

  remove(...keys: string[]): void {
    for (const key of keys) this.#sql.exec('DELETE FROM outbox WHERE key = ?', key);
  }

  /** When the next key is to be told; Infinity: there is none. */
  dueMs(): number {
    const row = this.#sql
      .exec<{ at: number }>('SELECT retry_at AS at FROM outbox ORDER BY retry_at LIMIT 1')
      .toArray()[0];
    return row === undefined ? Infinity : dueMs(RETRY, row.at, this.#host.nowMs());
  }

  /** How many keys begin so. */
  count(prefix: string): number {
    return this.#sql
      .exec<{ count: number }>(
        'SELECT count(*) AS count FROM outbox WHERE key >= ?1 AND key < ?1 || ?2',
        prefix,
        '\uffff',
      )
      .one().count;
  }

  has(key: string): boolean {
    return this.#sql.exec('SELECT 1 FROM outbox WHERE key = ?', key).toArray().length > 0;
  }

  /** Returns when each of these keys has been told; throws when one could not be, which stays for its next try. */
  async flush(...keys: string[]): Promise<void> {
    await Promise.all(keys.map((key) => this.#flushKey(key)));
  }

  /** Tells up to `limit` of the keys that are due, those first that have waited longest. Throws nothing of what they throw. */
  async flushDue(limit: number): Promise<void> {
    const keys = this.#claimDue(limit).filter((key) => !this.#telling.has(key));
    await Promise.all(
      keys.map((key) =>
        this.#flushKey(key).catch((error: unknown) => {
          console.error('change not told yet', { kind: key.split(':', 2).join(':'), error: String(error) });
        }),
      ),
    );
  }

  /** Returns when nothing is being told any more, whatever became of it. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#telling.values());
  }

  /** Before they are told, so that a telling that hangs, or ends with the process, is one that has failed. */
  #claimDue(limit: number): string[] {
    const nowMs = this.#host.nowMs();
    const due = this.#sql
      .exec<{ key: string; failures: number }>(
        'SELECT key, failures FROM outbox WHERE retry_at <= ?1 OR retry_at > ?2 ORDER BY retry_at LIMIT ?3',
        nowMs,
        nowMs + RETRY.lastMs,
        limit,
      )
      .toArray();
    for (const { key, failures } of due) {
      this.#sql.exec(
        'UPDATE outbox SET failures = ?, retry_at = ? WHERE key = ?',
        failures + 1,
        retryAtMs(RETRY, failures + 1, nowMs),
        key,
      );
    }
    return due.map(({ key }) => key);
  }

  #flushKey(key: string): Promise<void> {
    const before = this.#telling.get(key) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(() => this.#tellOnce(key));
    this.#telling.set(key, mine);
    return mine.finally(() => {
      if (this.#telling.get(key) === mine) this.#telling.delete(key);
    });
  }

  async #tellOnce(key: string): Promise<void> {
    const row = this.#sql
      .exec<{ version: number }>('SELECT version FROM outbox WHERE key = ?', key)
      .toArray()[0];
    if (row === undefined) return;
    await this.#host.tell(key);
    this.#sql.exec('DELETE FROM outbox WHERE key = ? AND version = ?', key, row.version);
  }
}
