/**
 * Schema of an object's SQLite: numbered, append-only steps. A step that has shipped is never edited;
 * an object of any age opens by running the steps it has not seen, all in one transaction.
 */
import { newerData } from './unreadable.ts';

/** True when the object has been given a schema; an object that never had one stays without a row on disk. */
export function isOpened(sql: SqlStorage): boolean {
  return sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").toArray().length > 0;
}

export function migrate(storage: DurableObjectStorage, steps: readonly string[]): void {
  const { sql } = storage;
  const version = isOpened(sql) ? versionOf(sql) : 0;
  if (version > steps.length) {
    throw newerData(version, steps.length);
  }
  // An object that is up to date opens without a transaction.
  if (version === steps.length) return;
  storage.transactionSync(() => {
    sql.exec('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)');
    for (const step of steps.slice(version)) sql.exec(step);
    sql.exec('DELETE FROM schema_version');
    sql.exec('INSERT INTO schema_version (version) VALUES (?)', steps.length);
  });
}

function versionOf(sql: SqlStorage): number {
  return sql.exec<{ version: number }>('SELECT version FROM schema_version').toArray()[0]?.version ?? 0;
}
