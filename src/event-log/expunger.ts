/**
 * Deletes the payload of single events, in the log and in every hook that may hold it. What is begun is on disk and goes on
 * by the alarm, whatever ends in between: the payload is overwritten and reads as gone, it is cleared, and each
 * hook is told that may have taken it: those whose patterns and sources select it, and those that took events by a replay,
 * deleted ones included. A hook that has been told takes the event no more, so that a call which was under way brings
 * nothing back. One that cannot be told holds up no other, nor another event.
 */
import type { Attribution } from '../core/audit-chain.ts';
import { withoutPayload } from '../core/envelope.ts';
import { withDeadline } from '../storage/deadline.ts';
import { BY_RELAY } from './audit.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import { inParallel } from '../storage/in-parallel.ts';
import type { OpenLog } from './open-log.ts';
import { OwedTellings, type Owed } from './owed.ts';

/** `under-way`: some hook could not be told yet, and is told again. */
export type ExpungeResult = 'expunged' | 'under-way' | 'unknown-event';

export interface ExpungerHost {
  tellHook(hookId: number, seq: number): Promise<void>;
  /** There is more to do than before. */
  changed(): void;
}

const CALLS_AT_ONCE = 8;
const CALL_DEADLINE_MS = 2_000;
const RETRY_MS = 5_000;
/** Calls to hooks that a request makes before it leaves the rest to the alarm. */
const CALLS_PER_REQUEST = 40;

interface Expunging {
  readonly seq: number;
  /** Overwritten, not yet cleared. */
  readonly isBlank: boolean;
  readonly afterHook: number;
}

export class Expunger {
  readonly #storage: DurableObjectStorage;
  readonly #log: OpenLog;
  readonly #host: ExpungerHost;
  readonly #owed: OwedTellings;
  /** The last to go on; one does at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #isEmpty: boolean;
  /** When a wake looks after it; until then the call that goes on does. */
  #dueMs = 0;

  constructor(storage: DurableObjectStorage, log: OpenLog, host: ExpungerHost) {
    this.#storage = storage;
    this.#log = log;
    this.#host = host;
    this.#owed = new OwedTellings(storage.sql);
    this.#isEmpty = this.#next() === null;
  }

  /** When there is something to go on with; Infinity: there is not. */
  dueMs(): number {
    return Math.max(this.#dueMs, this.#isEmpty ? this.#owed.dueMs(Date.now()) : 0);
  }

  /** Expunges an event; repeating it goes on with it. */
  async expunge(id: string, by: Attribution = BY_RELAY): Promise<ExpungeResult> {
    const event = this.#log.eventById(id);
    if (event === null) return 'unknown-event';
    const { seq } = event;
    if (event.kind !== 'expunged') this.#begin(event, by);
    if (this.#find(seq) !== null) await this.#run(CALLS_PER_REQUEST, seq);
    return this.#find(seq) !== null || this.#owed.has(seq) ? 'under-way' : 'expunged';
  }

  /** Goes on with what is due. Throws nothing. Returns how many of these calls are left. */
  async goOn(calls: number): Promise<number> {
    return this.dueMs() > Date.now() ? calls : this.#run(calls, null);
  }

  /** Overwrites a payload and notes what is to follow; to be called in a commit of the caller's. */
  mark(event: StoredEvent): void {
    const { head: skeleton } = withoutPayload(event, event.raw);
    this.#storage.sql.exec(
      'INSERT INTO expunging (seq, skeleton, after_hook) VALUES (?, ?, 0)',
      event.seq,
      skeleton,
    );
    this.#log.events.blank(event, skeleton);
    this.#isEmpty = false;
  }

  /** Something is begun and not yet cleared, or not every hook was looked at. */
  get isBusy(): boolean {
    return !this.#isEmpty;
  }

  /** There is more to do than before. */
  changed(): void {
    this.#host.changed();
  }

  #begin(event: StoredEvent, by: Attribution): void {
    this.#storage.transactionSync(() => {
      this.mark(event);
      const { type, subject, source } = event;
      this.#log.audit.add(by, `event/${event.id}`, { type, subject, source }, null);
    });
  }

  /** `first`: the place of the event to begin with. */
  #run(calls: number, first: number | null): Promise<number> {
    this.#dueMs = Date.now() + RETRY_MS;
    this.#host.changed();
    const mine = this.#turn.then(async () => {
      let left = calls;
      try {
        if (first === null) left -= await this.#tellOwed(left);
        const next = () => (first === null ? null : this.#find(first)) ?? this.#next();
        for (let event = next(); event !== null && left > 0; event = next())
          left -= await this.#step(event, left);
        this.#isEmpty = this.#next() === null;
        this.#dueMs = 0;
      } catch (error) {
        this.#dueMs = Date.now() + RETRY_MS;
        console.warn('expunging goes on later', { tenant: this.#log.ref.tenant, error: String(error) });
      }
      this.#host.changed();
      return left;
    });
    this.#turn = mine;
    return mine;
  }

  /** Returns how many calls it cost. */
  async #step({ seq, isBlank, afterHook }: Expunging, calls: number): Promise<number> {
    const { sql } = this.#storage;
    if (isBlank) {
      await this.#storage.sync();
      this.#storage.transactionSync(() => {
        this.#log.events.clear(seq);
        sql.exec('UPDATE expunging SET skeleton = NULL WHERE seq = ?', seq);
      });
    }
    const { hookIds, upTo } = this.#holders(seq, afterHook, calls);
    await inParallel(hookIds, CALLS_AT_ONCE, async (hookId) => {
      if (!(await this.#isTold({ hookId, seq }))) this.#owed.add({ hookId, seq }, Date.now());
    });
    if (upTo === null) sql.exec('DELETE FROM expunging WHERE seq = ?', seq);
    else sql.exec('UPDATE expunging SET after_hook = ? WHERE seq = ?', upTo, seq);
    return hookIds.length;
  }

  /** The next hooks above `afterHook` that may hold this event. `upTo`: the last that was looked at; null: all were. */
  #holders(seq: number, afterHook: number, limit: number): { hookIds: number[]; upTo: number | null } {
    const { events, hooks, offered } = this.#log;
    const event = events.at(seq);
    const selected = event && hooks.wishes.selectedBy(event, afterHook, limit);
    const backfilled = offered.backfilledAfter(afterHook, limit);
    const lastBackfilled = backfilled.length < limit ? Infinity : (backfilled.at(-1) ?? Infinity);
    const both = [...new Set([...(selected?.found ?? []), ...backfilled])].sort((a, b) => a - b);
    const lookedUpTo = Math.min(selected?.upTo ?? Infinity, lastBackfilled, both[limit - 1] ?? Infinity);
    return {
      hookIds: both.filter((hookId) => hookId <= lookedUpTo),
      upTo: lookedUpTo === Infinity ? null : lookedUpTo,
    };
  }

  /** Returns how many calls it cost. */
  async #tellOwed(calls: number): Promise<number> {
    const due = this.#owed.due(Date.now(), calls);
    await inParallel(
      [...Map.groupBy(due, ({ hookId }) => hookId)],
      CALLS_AT_ONCE,
      async ([hookId, tellings]) => {
        for (const owed of tellings) {
          if (await this.#isTold(owed)) this.#owed.remove(owed);
          else {
            this.#owed.failed(hookId, Date.now());
            return;
          }
        }
      },
    );
    return due.length;
  }

  async #isTold({ hookId, seq }: Owed): Promise<boolean> {
    try {
      await withDeadline(this.#host.tellHook(hookId, seq), CALL_DEADLINE_MS);
      return true;
    } catch (error) {
      console.warn('hook not told of a deleted payload yet', { hookId, error: String(error) });
      return false;
    }
  }

  #next(): Expunging | null {
    return this.#expunging('ORDER BY seq LIMIT 1');
  }

  #find(seq: number): Expunging | null {
    return this.#expunging('WHERE seq = ?', seq);
  }

  #expunging(clause: 'ORDER BY seq LIMIT 1' | 'WHERE seq = ?', ...bound: number[]): Expunging | null {
    const row = this.#storage.sql
      .exec<{ seq: number; is_blank: number; after_hook: number }>(
        `SELECT seq, skeleton IS NOT NULL AS is_blank, after_hook FROM expunging ${clause}`,
        ...bound,
      )
      .toArray()[0];
    return row === undefined
      ? null
      : { seq: row.seq, isBlank: row.is_blank === 1, afterHook: row.after_hook };
  }
}
