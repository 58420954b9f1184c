/** What a hook has told of itself and that is still so: it is told once an occasion, in every life of the object. */

export type Occasion = 'backlog' | 'queue-full';

export class Occasions {
  readonly #sql: SqlStorage;
  readonly #begun: Set<string>;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#begun = new Set(
      sql
        .exec<{ name: string }>('SELECT name FROM occasions')
        .toArray()
        .map(({ name }) => name),
    );
  }

  has(occasion: Occasion): boolean {
    return this.#begun.has(occasion);
  }

  begin(occasion: Occasion): void {
    this.#sql.exec('INSERT OR IGNORE INTO occasions (name) VALUES (?)', occasion);
    this.#begun.add(occasion);
  }

  /** The next time is another occasion. */
  end(occasion: Occasion): void {
    if (!this.has(occasion)) return;
    this.#sql.exec('DELETE FROM occasions WHERE name = ?', occasion);
    this.#begun.delete(occasion);
  }
}
