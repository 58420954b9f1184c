/**
 * Brings each event of the log into the queue of every hook that wanted it at its place.
 *
 * The log is walked in order, a batch at a time; `progress` says up to where every hook has been served and, inside
 * a batch, up to which hook. A crash or the end of a wake repeats at most the calls after that point, which
 * a hook takes without effect: a delivery's place in the log is its primary key there. A hook that does not
 * take its events is put into `lagging` with a place of its own and catches up alone, so that it delays no other.
 */
import type { EventStore, StoredEvent } from './event-store.ts';
import { withDeadline } from '../storage/deadline.ts';
import type { Hooks } from './hooks.ts';

/** Calls to hook objects in one wake: below the 50 subrequests that the smallest plan allows an invocation. */
export const CALLS_PER_WAKE = 40;
const CALLS_AT_ONCE = 8;
/** Of these so many are kept for hooks that lag, or a busy log would never come to them. */
const LAG_CALLS_PER_WAKE = 8;
/** A hook only writes rows when it is called; one that takes longer catches up by itself. */
const CALL_DEADLINE_MS = 2_000;
/** An RPC message holds 32 MiB; a batch of one event may be larger than this. */
const BATCH_BYTES = 4_000_000;
const BATCH_EVENTS = 200;
const LAG_RETRY_MIN_MS = 1_000;
const LAG_RETRY_MAX_MS = 60_000;

interface Progress {
  /** Every hook has been served with the events up to here. */
  readonly fannedSeq: number;
  /** End of the batch that has been begun, and the last hook served with it. */
  readonly begun: { readonly toSeq: number; readonly afterHook: number } | null;
}

interface Lag {
  readonly hookId: number;
  /** The first event that the hook may not have. */
  readonly nextSeq: number;
  readonly failures: number;
  readonly retryAtMs: number;
}

export interface FanOutHost {
  enqueue(hookId: number, events: readonly StoredEvent[]): Promise<void>;
  lastSeq(): number;
  nowMs(): number;
  /** Writes the source counters if that is due. Returns the place in the log that those on disk include. */
  flushCounters(): number;
}

export class FanOut {
  readonly #sql: SqlStorage;
  readonly #log: EventStore;
  readonly #hooks: Hooks;
  readonly #host: FanOutHost;
  readonly #lagging = new Map<number, Lag>();
  #progress: Progress;

  constructor(sql: SqlStorage, log: EventStore, hooks: Hooks, host: FanOutHost) {
    this.#sql = sql;
    this.#log = log;
    this.#hooks = hooks;
    this.#host = host;
    this.#progress = readProgress(sql);
    const lags = sql.exec<{ hook_id: number; next_seq: number; failures: number; retry_at: number }>(
      'SELECT * FROM lagging',
    );
    for (const row of lags) {
      const lag = {
        hookId: row.hook_id,
        nextSeq: row.next_seq,
        failures: row.failures,
        retryAtMs: row.retry_at,
      };
      this.#lagging.set(lag.hookId, lag);
    }
  }

  get fannedSeq(): number {
    return this.#progress.fannedSeq;
  }

  /** Has this hook been offered this event? */
  hasReached(hookId: number, seq: number): boolean {
    return seq <= this.reachedSeq(hookId);
  }

  /** The last place up to which this hook has been offered everything. */
  reachedSeq(hookId: number): number {
    const lag = this.#lagging.get(hookId);
    if (lag !== undefined) return lag.nextSeq - 1;
    const { fannedSeq, begun } = this.#progress;
    return begun !== null && hookId <= begun.afterHook ? begun.toSeq : fannedSeq;
  }

  /** The first place that some hook has yet to be offered. */
  get neededFrom(): number {
    let seq = this.#progress.fannedSeq + 1;
    for (const lag of this.#lagging.values()) seq = Math.min(seq, lag.nextSeq);
    return seq;
  }

  /** There is something to bring to hooks, or to prepare for that. */
  get isBehind(): boolean {
    return this.fannedSeq < this.#host.lastSeq() || !this.#hooks.wishes.isIndexed;
  }

  isLagging(hookId: number): boolean {
    return this.#lagging.has(hookId);
  }

  /** When a hook that lags is to be tried next; Infinity: none does. */
  lagDueMs(): number {
    let dueMs = Infinity;
    for (const lag of this.#lagging.values()) dueMs = Math.min(dueMs, lag.retryAtMs);
    return dueMs;
  }

  /** Writes the source counters where no progress is made that would take them along. */
  saveCounters(): void {
    this.#sql.exec('UPDATE progress SET counted_seq = ?', this.#host.flushCounters());
  }

  /** Serves hooks until all are served or these calls are used up. Returns how many are left. */
  async run(callLimit = CALLS_PER_WAKE): Promise<number> {
    const dueLags = this.#dueLags(LAG_CALLS_PER_WAKE);
    let calls = callLimit - dueLags.length;
    while (!this.#hooks.wishes.isIndexed) {
      this.#hooks.wishes.indexSome(this.fannedSeq);
      await nextTurn();
    }
    while (calls > 0 && this.#progress.fannedSeq < this.#host.lastSeq()) {
      calls -= await this.#serveBatch(calls);
    }
    // All at once: however many of them hang, the next events wait for one deadline.
    await Promise.all(dueLags.map((lag) => this.#catchUp(lag)));
    return Math.max(0, calls);
  }

  #dueLags(limit: number): Lag[] {
    const nowMs = this.#host.nowMs();
    return [...this.#lagging.values()]
      .filter(({ retryAtMs }) => retryAtMs <= nowMs)
      .sort((a, b) => a.retryAtMs - b.retryAtMs)
      .slice(0, limit);
  }

  /** Returns the number of calls it cost, at least 1. */
  async #serveBatch(calls: number): Promise<number> {
    const lastSeq = this.#host.lastSeq();
    const { fannedSeq, begun } = this.#progress;
    const events = this.#log.range(fannedSeq + 1, begun?.toSeq ?? lastSeq, BATCH_EVENTS, BATCH_BYTES);
    const toSeq = begun?.toSeq ?? events.at(-1)?.seq ?? lastSeq;
    const { found: shares, upTo } = this.#hooks.wishes.shares(
      events.filter(({ kind }) => kind !== 'expunged'),
      begun?.afterHook ?? 0,
      calls,
      (hookIds) => new Set(hookIds.filter((id) => this.#lagging.has(id))),
    );

    const failed: Lag[] = [];
    await inParallel(shares, CALLS_AT_ONCE, async ({ hookId, events: queue }) => {
      try {
        await withDeadline(this.#host.enqueue(hookId, queue), CALL_DEADLINE_MS);
      } catch (error) {
        console.warn('hook did not take its events', { hookId, error: String(error) });
        failed.push({
          hookId,
          nextSeq: queue[0]?.seq ?? toSeq,
          failures: 1,
          retryAtMs: this.#host.nowMs() + LAG_RETRY_MIN_MS,
        });
      }
    });

    for (const lag of failed) this.#saveLag(lag);
    this.#saveProgress(
      upTo === null ? { fannedSeq: toSeq, begun: null } : { fannedSeq, begun: { toSeq, afterHook: upTo } },
    );
    if (upTo === null) this.#hooks.wishes.passed(toSeq);
    return Math.max(1, shares.length);
  }

  async #catchUp(lag: Lag): Promise<void> {
    // A batch that has been begun counts as served to this hook only when it is whole: it skips hooks that lag.
    const events = this.#log.range(lag.nextSeq, this.#progress.fannedSeq, BATCH_EVENTS, BATCH_BYTES);
    const wanted = this.#hooks.wishes.wanted(
      lag.hookId,
      events.filter(({ kind }) => kind !== 'expunged'),
    );
    try {
      if (wanted.length > 0) await withDeadline(this.#host.enqueue(lag.hookId, wanted), CALL_DEADLINE_MS);
    } catch (error) {
      const failures = lag.failures + 1;
      const waitMs = Math.min(LAG_RETRY_MAX_MS, LAG_RETRY_MIN_MS * 2 ** (failures - 1));
      console.warn('hook still does not take its events', {
        hookId: lag.hookId,
        failures,
        error: String(error),
      });
      this.#saveLag({ ...lag, failures, retryAtMs: this.#host.nowMs() + waitMs });
      return;
    }
    const nextSeq = (events.at(-1)?.seq ?? this.#progress.fannedSeq) + 1;
    if (nextSeq > this.#progress.fannedSeq && this.#progress.begun === null) this.#dropLag(lag.hookId);
    else this.#saveLag({ ...lag, nextSeq, failures: 0, retryAtMs: this.#host.nowMs() });
  }

  #saveProgress(progress: Progress): void {
    this.#sql.exec(
      'UPDATE progress SET fanned_seq = ?, batch_to = ?, after_hook = ?, counted_seq = ?',
      progress.fannedSeq,
      progress.begun?.toSeq ?? null,
      progress.begun?.afterHook ?? null,
      this.#host.flushCounters(),
    );
    this.#progress = progress;
  }

  #saveLag(lag: Lag): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO lagging (hook_id, next_seq, failures, retry_at) VALUES (?, ?, ?, ?)',
      lag.hookId,
      lag.nextSeq,
      lag.failures,
      lag.retryAtMs,
    );
    this.#lagging.set(lag.hookId, lag);
  }

  #dropLag(hookId: number): void {
    this.#sql.exec('DELETE FROM lagging WHERE hook_id = ?', hookId);
    this.#lagging.delete(hookId);
  }
}

/**
 * `countedSeq`: how far the source counters on disk reach; kept in the same row, so that both cost one write.
 * `lastRecordedAtMs`: of an event that has been deleted since; 0: of none.
 */
export function readProgress(
  sql: SqlStorage,
): Progress & { readonly countedSeq: number; readonly lastRecordedAtMs: number } {
  const row = sql
    .exec<{
      fanned_seq: number;
      batch_to: number | null;
      after_hook: number | null;
      counted_seq: number;
      last_recorded_at: number;
    }>('SELECT * FROM progress')
    .one();
  const { batch_to: toSeq, after_hook: afterHook } = row;
  return {
    fannedSeq: row.fanned_seq,
    begun: toSeq === null || afterHook === null ? null : { toSeq, afterHook },
    countedSeq: row.counted_seq,
    lastRecordedAtMs: row.last_recorded_at,
  };
}

export function saveLastRecorded(sql: SqlStorage, atMs: number): void {
  sql.exec('UPDATE progress SET last_recorded_at = ?', atMs);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}
