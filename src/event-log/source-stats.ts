/**
 * What arrived for each source. The counters are held in memory and flushed at most once a minute; that of accepted
 * events is made good from the log after a restart.
 */
import type { Source } from './source.ts';

export type Rejection = 'signature' | 'malformed' | 'tooLarge';

export interface SourceStats {
  readonly accepted: number;
  readonly duplicates: number;
  /** Of the accepted ones, those under an id that another event had before. */
  readonly idReused: number;
  readonly tests: number;
  readonly rejected: Readonly<Record<Rejection, number>>;
  readonly lastAcceptedAtMs: number | null;
  readonly lastRejectedAtMs: number | null;
  readonly lastRejection: Rejection | null;
  /** When the tenant was last told that this source is refused again and again. */
  readonly toldRejectingAtMs: number | null;
}

/** So many refusals, none of them followed by a request that was taken. */
export interface Refusals {
  readonly count: number;
  readonly sinceMs: number;
}

export const NO_STATS: SourceStats = {
  accepted: 0,
  duplicates: 0,
  idReused: 0,
  tests: 0,
  rejected: { signature: 0, malformed: 0, tooLarge: 0 },
  lastAcceptedAtMs: null,
  lastRejectedAtMs: null,
  lastRejection: null,
  toldRejectingAtMs: null,
};

const FLUSH_EVERY_MS = 60_000;

/** Where the counters of a source lie beside its registration: in memory and on disk. */
export interface StatsHost {
  get(id: string): Source | null;
  remember(source: Source): void;
  keptStats(id: string): SourceStats;
  saveStats(id: string, stats: SourceStats): void;
  /** Called before something is counted that comes in now. */
  counting(source: Source): void;
}

export class SourceCounters {
  readonly #host: StatsHost;
  readonly #unflushed = new Set<string>();
  /** Of each source since it last took something. Memory alone: what is lost is counted anew. */
  readonly #refusals = new Map<string, Refusals>();
  #flushedAtMs = 0;

  constructor(host: StatsHost) {
    this.#host = host;
  }

  countAccepted(id: string, atMs: number, isReused: boolean): void {
    this.#refusals.delete(id);
    this.#count(id, ({ accepted, idReused }) => ({
      accepted: accepted + 1,
      idReused: idReused + (isReused ? 1 : 0),
      lastAcceptedAtMs: atMs,
    }));
  }

  countDuplicate(id: string): void {
    this.#refusals.delete(id);
    this.#count(id, ({ duplicates }) => ({ duplicates: duplicates + 1 }));
  }

  countTest(id: string): void {
    this.#refusals.delete(id);
    this.#count(id, ({ tests }) => ({ tests: tests + 1 }));
  }

  /** Returns how often it was refused in a row, this time included. */
  countRejection(id: string, rejection: Rejection, atMs: number): Refusals {
    const before = this.#refusals.get(id) ?? { count: 0, sinceMs: atMs };
    const refusals = { ...before, count: before.count + 1 };
    this.#refusals.set(id, refusals);
    this.#count(id, ({ rejected }) => ({
      rejected: { ...rejected, [rejection]: rejected[rejection] + 1 },
      lastRejectedAtMs: atMs,
      lastRejection: rejection,
    }));
    return refusals;
  }

  /**
   * Written at once, so that a source refused while objects come and go is still told of once; and alone, as the
   * counters on disk reach up to a place in the log that only `flush` moves on.
   */
  toldRejecting(id: string, atMs: number): void {
    const source = this.#host.get(id);
    if (source === null) return;
    this.#host.saveStats(id, { ...this.#host.keptStats(id), toldRejectingAtMs: atMs });
    this.#host.remember({ ...source, stats: { ...source.stats, toldRejectingAtMs: atMs } });
  }

  /** When the counters in memory are to be flushed; Infinity: there is nothing to flush. */
  flushDueMs(): number {
    return this.#unflushed.size === 0 ? Infinity : this.#flushedAtMs + FLUSH_EVERY_MS;
  }

  flush(nowMs: number): void {
    for (const id of this.#unflushed) {
      const source = this.#host.get(id);
      if (source !== null) this.#host.saveStats(id, source.stats);
    }
    this.#unflushed.clear();
    this.#flushedAtMs = nowMs;
  }

  /** The counters of a source that is no more. */
  drop(id: string): void {
    this.#unflushed.delete(id);
    this.#refusals.delete(id);
  }

  /** Events that the log holds, and that were not on disk as counted when the object last ended. */
  makeGood(id: string, count: number, lastAtMs: number): void {
    const source = this.#host.get(id);
    if (source === null) return;
    const { accepted } = source.stats;
    this.#add(source, { accepted: accepted + count, lastAcceptedAtMs: lastAtMs });
  }

  #count(id: string, change: (stats: SourceStats) => Partial<SourceStats>): void {
    const source = this.#host.get(id);
    if (source === null) return;
    this.#host.counting(source);
    this.#add(source, change(source.stats));
  }

  #add(source: Source, changed: Partial<SourceStats>): void {
    this.#host.remember({ ...source, stats: { ...source.stats, ...changed } });
    this.#unflushed.add(source.id);
  }
}
