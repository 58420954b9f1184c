/**
 * Deletes the payload of single events, in the log and in every hook that may hold it. What is begun is on disk and goes on
 * by the alarm, whatever ends in between: the payload is overwritten and reads as gone, it is cleared, and each
 * hook is told, those included that took the event by a replay or have been deleted. A hook that has been told takes
 * the event no more, so that a call which was under way brings nothing back.
 */
import { withoutPayload } from '../core/envelope.ts';
import { withDeadline } from '../storage/deadline.ts';
import type { StoredEvent } from './event-store.ts';
import { inParallel } from '../storage/in-parallel.ts';
import type { OpenLog } from './open-log.ts';

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

export class Expunger {
  readonly #storage: DurableObjectStorage;
  readonly #log: OpenLog;
  readonly #host: ExpungerHost;
  /** The last to go on; one does at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #isEmpty: boolean;
  /** When a wake looks after it; until then the call that goes on does. */
  #dueMs = 0;

  constructor(storage: DurableObjectStorage, log: OpenLog, host: ExpungerHost) {
    this.#storage = storage;
    this.#log = log;
    this.#host = host;
    this.#isEmpty = this.#next() === null;
  }

  /** When there is something to go on with; Infinity: there is not. */
  dueMs(): number {
    return this.#isEmpty ? Infinity : this.#dueMs;
  }

  /** Expunges an event; repeating it goes on with it. */
  async expunge(id: string): Promise<ExpungeResult> {
    const event = this.#log.eventById(id);
    if (event === null) return 'unknown-event';
    if (event.kind !== 'expunged') this.#begin(event);
    if (this.#isUnderWay(event.seq)) await this.#run(CALLS_PER_REQUEST);
    return this.#isUnderWay(event.seq) ? 'under-way' : 'expunged';
  }

  /** Goes on with what is due. Throws nothing. Returns how many of these calls are left. */
  async goOn(calls: number): Promise<number> {
    return this.dueMs() > Date.now() ? calls : this.#run(calls);
  }

  #begin(event: StoredEvent): void {
    const { head: skeleton } = withoutPayload(event, event.raw);
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec(
        'INSERT INTO expunging (seq, skeleton, after_hook) VALUES (?, ?, 0)',
        event.seq,
        skeleton,
      );
      this.#log.events.blank(event, skeleton);
    });
    this.#isEmpty = false;
  }

  #run(calls: number): Promise<number> {
    this.#dueMs = Date.now() + RETRY_MS;
    this.#host.changed();
    const mine = this.#turn.then(async () => {
      let left = calls;
      try {
        let next = this.#next();
        for (; next !== null && left > 0; next = this.#next()) left -= await this.#step(next, left);
        this.#isEmpty = next === null;
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
    const hookIds = this.#log.hooks.idsAfter(afterHook, calls);
    await inParallel(hookIds, CALLS_AT_ONCE, (hookId) =>
      withDeadline(this.#host.tellHook(hookId, seq), CALL_DEADLINE_MS),
    );
    const last = hookIds.at(-1);
    if (last === undefined) sql.exec('DELETE FROM expunging WHERE seq = ?', seq);
    else sql.exec('UPDATE expunging SET after_hook = ? WHERE seq = ?', last, seq);
    return hookIds.length;
  }

  #next(): Expunging | null {
    const row = this.#storage.sql
      .exec<{ seq: number; is_blank: number; after_hook: number }>(
        'SELECT seq, skeleton IS NOT NULL AS is_blank, after_hook FROM expunging ORDER BY seq LIMIT 1',
      )
      .toArray()[0];
    return row === undefined
      ? null
      : { seq: row.seq, isBlank: row.is_blank === 1, afterHook: row.after_hook };
  }

  #isUnderWay(seq: number): boolean {
    return this.#storage.sql.exec('SELECT 1 FROM expunging WHERE seq = ?', seq).toArray().length > 0;
  }
}

interface Expunging {
  readonly seq: number;
  /** Overwritten, not yet cleared. */
  readonly isBlank: boolean;
  readonly afterHook: number;
}
