/**
 * What providers want called before they send events: the last URL that each source was asked to have called. It is kept
 * until an operator has had it called; nothing calls it by itself.
 */

export interface Confirmation {
  /** At the provider, as it was asked for by a verified request. */
  readonly url: string;
  readonly askedAtMs: number;
}

export class Confirmations {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Null: nothing is asked for. */
  of(sourceId: string): Confirmation | null {
    const [row] = this.#sql
      .exec<{ url: string; at: number }>('SELECT url, at FROM confirmations WHERE source_id = ?', sourceId)
      .toArray();
    return row === undefined ? null : { url: row.url, askedAtMs: row.at };
  }

  /** A later one takes the place of an earlier one, whose token the provider may no longer take. */
  ask(sourceId: string, { url, askedAtMs }: Confirmation): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO confirmations (source_id, url, at) VALUES (?, ?, ?)',
      sourceId,
      url,
      askedAtMs,
    );
  }

  /** `url`: only that one; another may have been asked for meanwhile. */
  forget(sourceId: string, url: string | null = null): void {
    this.#sql.exec(
      'DELETE FROM confirmations WHERE source_id = ?1 AND (?2 IS NULL OR url = ?2)',
      sourceId,
      url,
    );
  }
}
