/**
 * Hooks that have been offered something, now or ever: none but these can hold anything of the log. Written the first time
 * a hook is offered something; so who asks hooks what they hold leaves out those that never got an event.
 */
export class OfferedHooks {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  note(hookId: number): void {
    this.#sql.exec('INSERT OR IGNORE INTO offered (hook_id, backfilled) VALUES (?, 0)', hookId);
  }

  /** A replay of what is missing brings it events that it did not want at their place in the log. */
  noteBackfill(hookId: number): void {
    this.#sql.exec(
      `INSERT INTO offered (hook_id, backfilled) VALUES (?, 1)
       ON CONFLICT (hook_id) DO UPDATE SET backfilled = 1 WHERE backfilled = 0`,
      hookId,
    );
  }

  has(hookId: number): boolean {
    return this.#sql.exec('SELECT 1 FROM offered WHERE hook_id = ?', hookId).toArray().length > 0;
  }

  /** Ids of up to `limit` of them above this one. */
  idsAfter(hookId: number, limit: number): number[] {
    return this.#ids('SELECT hook_id FROM offered WHERE hook_id > ? ORDER BY hook_id LIMIT ?', hookId, limit);
  }

  /** The same of those that may hold events which they did not want at their place. */
  backfilledAfter(hookId: number, limit: number): number[] {
    return this.#ids(
      'SELECT hook_id FROM offered WHERE backfilled = 1 AND hook_id > ? ORDER BY hook_id LIMIT ?',
      hookId,
      limit,
    );
  }

  forget(hookId: number): void {
    this.#sql.exec('DELETE FROM offered WHERE hook_id = ?', hookId);
  }

  #ids(query: string, ...bound: number[]): number[] {
    return this.#sql
      .exec<{ hook_id: number }>(query, ...bound)
      .toArray()
      .map((row) => row.hook_id);
  }
}
