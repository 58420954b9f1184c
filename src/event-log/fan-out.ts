/**
 * Brings each event of the log into the queue of every hook that wanted it at its place.
 *
 * The log is walked in order, a batch at a time; `progress` says up to where every hook has been served and, inside
 * a batch, up to which hook. A crash or the end of a wake repeats at most the calls after that point, which
 * a hook takes without effect: a delivery's place in the log is its primary key there. A hook that does not
 * take its events at once is put into `lagging` with a place of its own and catches up alone (catching-up.ts), so that it
 * delays no other. So of each hook one of these holds: it has been offered everything up to `progress`; it lags, and has been
 * offered everything before its own place; or the step under way has not come to it yet.
 */
import { Signal } from '../storage/signal.ts';
import { bytesOf, CatchingUp, isToBeSent, LAG_WAIT_MIN_MS } from './catching-up.ts';
import type { EventStore } from './event-store.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import { HookCalls, PROMPT_WITHIN_MS, type HookCall } from './hook-calls.ts';
import type { Hooks } from './hooks.ts';
import { Laggards } from './laggards.ts';
import { readProgress, saveCounted, saveProgress, type Flushed, type Progress } from './progress.ts';
import type { Share, Wishes } from './wishes.ts';

/** Calls to hook objects in one wake: below the 50 subrequests that the smallest plan allows an invocation. */
export const CALLS_PER_WAKE = 40;
/** Of these so many are kept for hooks that lag, when some are due. */
const LAG_CALLS_PER_WAKE = 8;
/** So many are waited for at a time, and so much of what they hold. */
const CALLS_AT_ONCE = 40;
const BYTES_AT_ONCE = 8_000_000;
/** As long as others answer, a call may take this long before its hook lags: all of them share one processor. */
const WAITED_FOR_MS = 500;
/** By as much a timer may be late without anything being wrong. */
const TIMER_LATE_MS = 20;
/** Who waits in vain waits half as long the next time, but no less than this; until a step in which all have answered. */
const PATIENCE_MIN_MS = 12;
/** An RPC message holds 32 MiB; a batch of one event may be larger than this. */
const BATCH_BYTES = 500_000;
const BATCH_EVENTS = 200;

export interface FanOutHost {
  enqueue(hookId: number, events: readonly StoredEvent[]): Promise<void>;
  lastSeq(): number;
  nowMs(): number;
  /** Writes source counters and summaries of hooks if that is due, and says what is left in memory. */
  flushCounters(): Flushed;
  /** There is more to do than before, in a wake of its own. */
  changed(): void;
}

/** What became of a hook's share. `call` null: none was made. */
interface Handed {
  readonly share: Share<StoredEvent>;
  readonly call: HookCall | null;
}

export class FanOut {
  readonly #sql: SqlStorage;
  readonly #log: EventStore;
  readonly #wishes: Wishes;
  readonly #host: FanOutHost;
  readonly #laggards: Laggards;
  readonly #calls: HookCalls;
  readonly #catchingUp: CatchingUp;
  #progress: Progress;
  #patienceMs = PROMPT_WITHIN_MS;
  #callsMade = 0;
  /** The batch that is being handed out, up to which hook: one that lags has been passed over. */
  #step: { readonly toSeq: number; readonly upToHook: number } | null = null;

  constructor(sql: SqlStorage, log: EventStore, { wishes }: Pick<Hooks, 'wishes'>, host: FanOutHost) {
    this.#sql = sql;
    this.#log = log;
    this.#wishes = wishes;
    this.#host = host;
    this.#progress = readProgress(sql);
    this.#laggards = new Laggards(sql);
    this.#calls = new HookCalls(() => host.nowMs());
    this.#catchingUp = new CatchingUp(this.#laggards, this.#calls, wishes, {
      enqueue: (hookId, events) => host.enqueue(hookId, events),
      nowMs: () => host.nowMs(),
      targetOf: (hookId) => this.#servedSeq(hookId),
      range: (fromSeq, toSeq) => this.#range(fromSeq, toSeq),
      changed: () => {
        host.changed();
      },
    });
  }

  /** How many have been made to hand over shares, since it was opened. */
  get calls(): number {
    return this.#callsMade;
  }

  get fannedSeq(): number {
    return this.#progress.fannedSeq;
  }

  /** There is something to bring to hooks, or to prepare for that. */
  get isBehind(): boolean {
    return this.fannedSeq < this.#host.lastSeq() || !this.#wishes.kept.isIndexed;
  }

  /** Has this hook been offered this event? */
  hasReached(hookId: number, seq: number): boolean {
    return seq <= this.reachedSeq(hookId);
  }

  /** The last place up to which this hook has been offered everything. */
  reachedSeq(hookId: number): number {
    const lag = this.#laggards.get(hookId);
    if (lag !== null) return lag.nextSeq - 1;
    const { fannedSeq, begun } = this.#progress;
    return begun !== null && hookId <= begun.afterHook ? begun.toSeq : fannedSeq;
  }

  /** The first place that some hook has yet to be offered. */
  get neededFrom(): number {
    return Math.min(this.fannedSeq + 1, this.#laggards.nextSeq);
  }

  isLagging(hookId: number): boolean {
    return this.#laggards.get(hookId) !== null;
  }

  /** When something is to be done for hooks that lag; Infinity: there are none. */
  lagDueMs(): number {
    return this.#catchingUp.dueMs();
  }

  /** Writes the source counters where no progress is made that would take them along. */
  saveCounters(): void {
    saveCounted(this.#sql, this.#host.flushCounters());
  }

  /**
   * Serves hooks until all are served or these calls are used up, and begins with those that lag, for which nothing waits: some
   * calls are kept for them, or a busy log would never come to them. Returns how many calls are left.
   */
  async run(callLimit = CALLS_PER_WAKE): Promise<number> {
    while (!this.#wishes.kept.isIndexed) {
      this.#wishes.kept.indexSome(this.fannedSeq);
      await nextTurn();
    }
    const isLagDue = this.lagDueMs() <= this.#host.nowMs();
    const kept = isLagDue ? Math.min(callLimit, LAG_CALLS_PER_WAKE) : 0;
    let calls = callLimit - kept;
    while (calls > 0 && this.fannedSeq < this.#host.lastSeq()) calls -= await this.#serve(calls);
    return Math.max(0, calls) + kept - (isLagDue ? this.#catchingUp.start(kept) : 0);
  }

  /** Hands out a batch, or goes on with it. Returns the number of calls it cost, at least 1. */
  async #serve(calls: number): Promise<number> {
    const lastSeq = this.#host.lastSeq();
    const { fannedSeq, begun } = this.#progress;
    const events = this.#range(fannedSeq + 1, begun?.toSeq ?? lastSeq);
    const toSeq = begun?.toSeq ?? events.at(-1)?.seq ?? lastSeq;
    const { found: shares, upTo } = this.#wishes.shares(
      events.filter(isToBeSent),
      begun?.afterHook ?? 0,
      calls,
      (hookIds) => this.#laggards.among(hookIds),
    );
    this.#step = { toSeq, upToHook: upTo ?? Infinity };
    try {
      for (const handed of await this.#handOut(shares, toSeq)) this.#noteLate(handed);
      this.#saveProgress(
        upTo === null ? { fannedSeq: toSeq, begun: null } : { fannedSeq, begun: { toSeq, afterHook: upTo } },
      );
    } finally {
      this.#step = null;
    }
    if (upTo === null) this.#wishes.kept.passed(toSeq);
    // Filters may have taken their time and let nothing through: others have their turn.
    else if (shares.length === 0) await nextTurn();
    return Math.max(1, shares.length);
  }

  /** Calls each hook, and waits as long as some of them answer. */
  async #handOut(shares: readonly Share<StoredEvent>[], toSeq: number): Promise<Handed[]> {
    const handed: Handed[] = [];
    const waitedFor = new Set<HookCall>();
    const answers = new Signal();
    let isInVain = false;
    const left = shares.values();
    for (;;) {
      for (const call of waitedFor) if (call.end !== null || this.#isOld(call)) waitedFor.delete(call);
      while (handed.length < shares.length && hasRoom(waitedFor)) {
        const share = left.next().value;
        if (share === undefined) break;
        const call = this.#call(share, toSeq, answers);
        handed.push({ share, call });
        // One that is always slow catches up by itself this time as well.
        if (call !== null && !this.#calls.isSlow(share.hookId)) waitedFor.add(call);
      }
      if (waitedFor.size === 0) break;
      const sinceMs = this.#host.nowMs();
      if (await answers.next(this.#patienceMs)) continue;
      // A timer that is late tells of this process: answers may have come in meanwhile.
      if (this.#host.nowMs() - sinceMs > this.#patienceMs + TIMER_LATE_MS) continue;
      isInVain = true;
      this.#patienceMs = Math.max(PATIENCE_MIN_MS, this.#patienceMs / 2);
      waitedFor.clear();
    }
    if (!isInVain) this.#patienceMs = PROMPT_WITHIN_MS;
    return handed;
  }

  /** null: it cannot be called now. */
  #call({ hookId, events }: Share<StoredEvent>, toSeq: number, answers: Signal): HookCall | null {
    if (!this.#calls.hasRoomUnasked || this.#calls.isUnderWay(hookId)) return null;
    this.#callsMade += 1;
    return this.#calls.start(
      { hookId, bytes: bytesOf(events), isSuspect: false },
      () => {
        answers.fire();
      },
      async () => {
        await this.#host.enqueue(hookId, events);
        return toSeq;
      },
    );
  }

  /** A hook that has not taken its share lags from its first event on. */
  #noteLate({ share: { hookId, events }, call }: Handed): void {
    const end = call?.end ?? null;
    if (end !== null && 'reachedSeq' in end) return;
    if (end !== null) console.warn('hook did not take its events', { hookId, error: String(end.error) });
    this.#laggards.save({
      hookId,
      nextSeq: events[0]?.seq ?? this.fannedSeq + 1,
      failures: end === null ? 0 : 1,
      retryAtMs: this.#host.nowMs() + LAG_WAIT_MIN_MS,
    });
    if (call === null || end !== null) return;
    if (!this.#calls.isSlow(hookId)) console.warn('hook is slow to take its events', { hookId });
    call.onEnd = this.#catchingUp.ended;
  }

  #isOld({ startedMs }: HookCall): boolean {
    return this.#host.nowMs() - startedMs >= WAITED_FOR_MS;
  }

  /** The place up to which this hook need not be served any more once it has everything up to there. */
  #servedSeq(hookId: number): number {
    const { fannedSeq, begun } = this.#progress;
    if (this.#step !== null && hookId <= this.#step.upToHook) return this.#step.toSeq;
    return begun !== null && hookId <= begun.afterHook ? begun.toSeq : fannedSeq;
  }

  #range(fromSeq: number, toSeq: number): StoredEvent[] {
    return this.#log.range(fromSeq, toSeq, BATCH_EVENTS, BATCH_BYTES);
  }

  #saveProgress(progress: Progress): void {
    saveProgress(this.#sql, progress, this.#host.flushCounters());
    this.#progress = progress;
  }
}

function hasRoom(calls: ReadonlySet<HookCall>): boolean {
  let bytes = 0;
  for (const call of calls) bytes += call.bytes;
  return calls.size < CALLS_AT_ONCE && bytes < BYTES_AT_ONCE;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
