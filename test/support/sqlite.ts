/**
 * What the statements of a Durable Object need of its storage, on Node's own SQLite in memory: the same SQL without
 * workerd around it, for tests of many steps. A crash is another object over the same `Sqlite`.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/** A row of a Durable Object has no more; the local runtime does not see to it. */
export const MAX_ROW_BYTES = 2_000_000;
/** Of a number, or of the header that says what a column is: no more than that. */
const BYTES_PER_COLUMN = 16;

export class Sqlite {
  readonly db = new DatabaseSync(':memory:');
  readonly #statements = new Map<string, StatementSync>();

  readonly sql: SqlStorage;

  constructor() {
    const { db } = this;
    const sql = {
      exec: (query: string, ...bindings: SqlStorageValue[]) => this.#exec(query, bindings),
      /** Without pages that are free again, as a Durable Object counts. */
      get databaseSize() {
        const pages = db.prepare('SELECT * FROM pragma_page_count, pragma_freelist_count, pragma_page_size');
        const [count = 0, free = 0, bytes = 0] = Object.values(pages.get() ?? {}).map(Number);
        return (count - free) * bytes;
      },
    };
    this.sql = sql as unknown as SqlStorage;
    this.storage = {
      sql: this.sql,
      transactionSync: <T>(work: () => T): T => this.#atomically(work),
    } as unknown as DurableObjectStorage;
  }

  /** As much of the object's storage as migrations use. */
  readonly storage: DurableObjectStorage;

  /** The disk is full: whatever would write fails. */
  isFull = false;

  /** From now on the database has no page left to grow by. */
  fillUp(): void {
    this.db.exec('CREATE TABLE IF NOT EXISTS filler (bytes BLOB)');
    const [pages = 0] = Object.values(this.db.prepare('PRAGMA page_count').get() ?? {}).map(Number);
    this.db.exec(`PRAGMA max_page_count = ${pages}`);
    try {
      for (;;) this.db.exec('INSERT INTO filler VALUES (zeroblob(4000))');
    } catch {
      // The pages that were free are used up.
    }
  }

  /** All that `work` writes, or nothing. */
  #atomically<T>(work: () => T): T {
    this.db.exec('SAVEPOINT work');
    try {
      const result = work();
      this.db.exec('RELEASE work');
      return result;
    } catch (error) {
      this.db.exec('ROLLBACK TO work; RELEASE work');
      throw error;
    }
  }

  /** Bytes of the largest row of each table, as SQLite stores them. */
  largestRows(): Record<string, number> {
    const tables = this.sql
      .exec<{ name: string }>(`SELECT name FROM sqlite_master WHERE type = 'table'`)
      .toArray();
    return Object.fromEntries(tables.map(({ name }) => [name, this.#largestRow(name)]));
  }

  #largestRow(table: string): number {
    const columns = this.sql
      .exec<{ name: string }>(`SELECT name FROM pragma_table_info('${table}')`)
      .toArray();
    const bytes = columns.map(
      ({ name }) => `ifnull(length(CAST("${name}" AS BLOB)), 0) + ${BYTES_PER_COLUMN}`,
    );
    return this.sql
      .exec<{ bytes: number }>(`SELECT ifnull(max(${bytes.join(' + ')}), 0) AS bytes FROM "${table}"`)
      .one().bytes;
  }

  /** How SQLite goes about a query: one line for each table or index it reads. */
  planOf(query: string, ...bindings: SqlStorageValue[]): string[] {
    return this.sql
      .exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`, ...bindings)
      .toArray()
      .map(({ detail }) => detail);
  }

  #exec(query: string, bindings: readonly SqlStorageValue[]) {
    if (this.isFull) return this.#unlessItWrites(() => this.#run(query, bindings));
    return this.#run(query, bindings);
  }

  /** What changes no row needs no disk. */
  #unlessItWrites<T>(work: () => T): T {
    const changes = () => Number(Object.values(this.db.prepare('SELECT total_changes()').get() ?? {})[0]);
    const before = changes();
    return this.#atomically(() => {
      const result = work();
      if (changes() > before) throw new Error('database or disk is full: SQLITE_FULL');
      return result;
    });
  }

  #run(query: string, bindings: readonly SqlStorageValue[]) {
    if (bindings.length === 0 && query.includes(';')) {
      this.db.exec(query);
      return cursor([]);
    }
    let statement = this.#statements.get(query);
    if (statement === undefined) {
      statement = this.db.prepare(query);
      this.#statements.set(query, statement);
    }
    const inputs = bindings as SQLInputValue[];
    if (statement.columns().length > 0) return cursor(statement.all(...inputs));
    return cursor([], Number(statement.run(...inputs).changes));
  }
}

/** `rowsWritten`: without those of indexes, which the Durable Object's own cursor counts too. */
function cursor(rows: object[], rowsWritten = 0) {
  return {
    rowsWritten,
    toArray: () => rows,
    one: () => {
      if (rows.length !== 1) throw new Error(`expected one row, got ${rows.length}`);
      return rows[0];
    },
    [Symbol.iterator]: () => rows[Symbol.iterator](),
  };
}
