/**
 * What has changed here and must still be told elsewhere: KV records and hook objects. A change adds its keys in
 * the turn that makes it; `flush` tells the present state of each key, so that it can be repeated, and forgets a
 * key only if it did not change meanwhile. One telling of a key at a time: an older state never lands last.
 */
export class Outbox {
  readonly #sql: SqlStorage;
  readonly #tell: (key: string) => Promise<void>;
  readonly #telling = new Map<string, Promise<void>>();

  constructor(sql: SqlStorage, tell: (key: string) => Promise<void>) {
    this.#sql = sql;
    this.#tell = tell;
  }

  add(...keys: string[]): void {
    for (const key of keys) {
      this.#sql.exec(
        'INSERT INTO outbox (key, version) VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET version = version + 1',
        key,
      );
    }
  }

  isEmpty(): boolean {
    return this.#sql.exec('SELECT 1 FROM outbox LIMIT 1').toArray().length === 0;
  }

  has(key: string): boolean {
    return this.#sql.exec('SELECT 1 FROM outbox WHERE key = ?', key).toArray().length > 0;
  }

  /** Returns when each of these keys has been told; throws when one could not be, which stays for the next flush. */
  async flush(...keys: string[]): Promise<void> {
    await Promise.all(keys.map((key) => this.#flushKey(key)));
  }

  /** Flushes up to `limit` keys, whatever they are. */
  async flushSome(limit: number): Promise<void> {
    const rows = this.#sql.exec<{ key: string }>('SELECT key FROM outbox LIMIT ?', limit).toArray();
    await this.flush(...rows.map((row) => row.key));
  }

  /** Returns when nothing is being told any more, whatever became of it. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#telling.values());
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
    await this.#tell(key);
    this.#sql.exec('DELETE FROM outbox WHERE key = ? AND version = ?', key, row.version);
  }
}
