/**
 * When subscriptions at providers end, as far as their sources say so: a day before, the tenant is told, once for each time
 * that was set. All are in memory, as the next one is asked for whenever the alarm is set.
 */
import type { OpenLog } from './open-log.ts';
import type { OwnEvents } from './own-events.ts';

const TOLD_BEFORE_MS = 86_400_000;

interface Expiry {
  readonly atMs: number;
  readonly isTold: boolean;
}

/** The `raw` of `posthorn.source.expiring`. */
interface ExpiringFacts {
  readonly sourceId: string;
  readonly sourceName: string;
  readonly provider: string;
  readonly expiresAt: string;
}

export class Expiries {
  readonly #sql: SqlStorage;
  readonly #bySource = new Map<string, Expiry>();
  /** Null: to be looked up. */
  #dueMs: number | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const rows = sql.exec<{ source_id: string; at: number; is_told: number }>('SELECT * FROM expiries');
    for (const { source_id, at, is_told } of rows)
      this.#bySource.set(source_id, { atMs: at, isTold: is_told === 1 });
  }

  /** Null: nobody knows of an end. */
  of(sourceId: string): number | null {
    return this.#bySource.get(sourceId)?.atMs ?? null;
  }

  /** The same time again is the same occasion. */
  set(sourceId: string, atMs: number | null): void {
    if (atMs === this.of(sourceId)) return;
    this.#dueMs = null;
    if (atMs === null) {
      this.#bySource.delete(sourceId);
      this.#sql.exec('DELETE FROM expiries WHERE source_id = ?', sourceId);
    } else {
      this.#bySource.set(sourceId, { atMs, isTold: false });
      this.#sql.exec(
        'INSERT OR REPLACE INTO expiries (source_id, at, is_told) VALUES (?, ?, 0)',
        sourceId,
        atMs,
      );
    }
  }

  /** When somebody is to be told; Infinity: never. */
  dueMs(): number {
    if (this.#dueMs === null) {
      const untold = [...this.#bySource.values()].filter(({ isTold }) => !isTold);
      this.#dueMs = Math.min(Infinity, ...untold.map(({ atMs }) => atMs - TOLD_BEFORE_MS));
    }
    return this.#dueMs;
  }

  /** Tells of each that is due, in one commit with the memory of it. */
  tell(log: Pick<OpenLog, 'sources' | 'atomically'>, own: OwnEvents, nowMs: number): void {
    if (this.dueMs() > nowMs) return;
    this.#dueMs = null;
    for (const [sourceId, { atMs, isTold }] of this.#bySource) {
      const source = log.sources.get(sourceId);
      if (isTold || source === null || atMs - TOLD_BEFORE_MS > nowMs) continue;
      const { name: sourceName, provider } = source;
      const expiresAt = new Date(atMs).toISOString();
      const facts: ExpiringFacts = { sourceId, sourceName, provider, expiresAt };
      log.atomically(() => {
        own.tell('posthorn.source.expiring', `source/${sourceId}`, facts, null);
        this.#sql.exec('UPDATE expiries SET is_told = 1 WHERE source_id = ?', sourceId);
      });
      this.#bySource.set(sourceId, { atMs, isTold: true });
    }
  }
}
