/**
 * Sources that ought to have sent something: told once each time that one has been silent for as long as it says. All are
 * in memory, as the next one is asked for whenever the alarm is set; an event makes none of them due sooner, so it is not
 * looked for them.
 */
import type { OpenLog } from './open-log.ts';
import type { OwnEvents } from './own-events.ts';
import type { Source } from './source.ts';

interface Silence {
  readonly afterSeconds: number;
  /** Silence before this counts for nothing: it was set then. */
  readonly sinceMs: number;
  /** Null: it has not been told. */
  readonly toldAtMs: number | null;
}

/** The `raw` of `posthorn.source.silent`. */
interface SilentFacts {
  readonly sourceId: string;
  readonly sourceName: string;
  readonly provider: string;
  readonly silentAfterSeconds: number;
  /** When the last event came, or since when it has been waited for. */
  readonly since: string;
}

export class Silences {
  readonly #sql: SqlStorage;
  readonly #bySource = new Map<string, Silence>();
  /** No source is due before. Null: to be looked up. */
  #dueMs: number | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const rows = sql.exec<{
      source_id: string;
      after_seconds: number;
      since: number;
      told_at: number | null;
    }>('SELECT * FROM silences');
    for (const { source_id, after_seconds, since, told_at } of rows)
      this.#bySource.set(source_id, { afterSeconds: after_seconds, sinceMs: since, toldAtMs: told_at });
  }

  /** Null: it may be silent for ever. */
  of(sourceId: string): number | null {
    return this.#bySource.get(sourceId)?.afterSeconds ?? null;
  }

  /** The same again changes nothing. */
  set(sourceId: string, afterSeconds: number | null, nowMs: number): void {
    if (afterSeconds === this.of(sourceId)) return;
    this.#dueMs = null;
    if (afterSeconds === null) {
      this.#bySource.delete(sourceId);
      this.#sql.exec('DELETE FROM silences WHERE source_id = ?', sourceId);
      return;
    }
    this.#bySource.set(sourceId, { afterSeconds, sinceMs: nowMs, toldAtMs: null });
    this.#sql.exec(
      'INSERT OR REPLACE INTO silences (source_id, after_seconds, since, told_at) VALUES (?, ?, ?, NULL)',
      sourceId,
      afterSeconds,
      nowMs,
    );
  }

  /** An event has come: where its silence was told, the next one is another occasion. */
  heard(sourceId: string): void {
    if ((this.#bySource.get(sourceId)?.toldAtMs ?? null) !== null) this.#dueMs = null;
  }

  /** When somebody may have to be told; Infinity: never. */
  dueMs(sources: OpenLog['sources']): number {
    if (this.#dueMs === null) {
      let dueMs = Infinity;
      for (const [sourceId, silence] of this.#bySource)
        dueMs = Math.min(dueMs, dueOf(silence, sources.get(sourceId)));
      this.#dueMs = dueMs;
    }
    return this.#dueMs;
  }

  /** Tells of each that is due, in one commit with the memory of it. */
  tell(log: Pick<OpenLog, 'sources' | 'atomically'>, own: OwnEvents, nowMs: number): void {
    if (this.dueMs(log.sources) > nowMs) return;
    this.#dueMs = null;
    for (const [sourceId, silence] of this.#bySource) {
      const source = log.sources.get(sourceId);
      if (source === null || dueOf(silence, source) > nowMs) continue;
      const facts: SilentFacts = {
        sourceId,
        sourceName: source.name,
        provider: source.provider,
        silentAfterSeconds: silence.afterSeconds,
        since: new Date(heardAtMs(silence, source)).toISOString(),
      };
      log.atomically(() => {
        own.tell('posthorn.source.silent', `source/${sourceId}`, facts, null);
        this.#sql.exec('UPDATE silences SET told_at = ? WHERE source_id = ?', nowMs, sourceId);
      });
      this.#bySource.set(sourceId, { ...silence, toldAtMs: nowMs });
    }
  }
}

function heardAtMs({ sinceMs }: Silence, { stats }: Source): number {
  return Math.max(sinceMs, stats.lastAcceptedAtMs ?? 0);
}

function dueOf(silence: Silence, source: Source | null): number {
  if (source === null) return Infinity;
  const { toldAtMs, afterSeconds } = silence;
  const isTold = toldAtMs !== null && (source.stats.lastAcceptedAtMs ?? 0) <= toldAtMs;
  return isTold ? Infinity : heardAtMs(silence, source) + afterSeconds * 1000;
}
