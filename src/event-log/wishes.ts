/**
 * Who wanted an event, and why a hook did not: an event is matched against what stood at its own place in the log
 * (kept-wishes.ts), however late it is fanned out or explained.
 */
import type { Reason } from '../core/delivery.ts';
import { typeKeys } from '../core/pattern-key.ts';
import { failingClause, type FilteredEvent } from './event-filters.ts';
import { EventStore } from './event-store.ts';
import type { MatchedEvent } from '../core/stored-event.ts';
import { KeptWishes } from './kept-wishes.ts';
import { isOthersNotice } from './notice-scope.ts';
import { Wish, type WishRow } from './wish.ts';
import { WishIndex, type HookPage, type IndexKey } from './wish-index.ts';

/** Those of some events that one hook wanted. */
export interface Share<Event> {
  readonly hookId: number;
  readonly events: readonly Event[];
}

/** Of a row of hooks. `upTo`: the last hook that was looked at; null: all were. */
export interface Found<T> {
  readonly found: readonly T[];
  readonly upTo: number | null;
}

/** Why a hook did not want an event. `clause`: JSON Pointer of what its filters asked for in vain. */
export interface Skipped {
  readonly reason: Reason;
  readonly clause: string | null;
}

/** The event at a place of the log, for filters; null: there is none any more. */
export type ContentOf = (seq: number) => FilteredEvent | null;

const NO_HOOKS: ReadonlySet<number> = new Set();
/** Hooks that turn out to want nothing are looked at too, but only so many in one turn. */
const HOOKS_LOOKED_AT = 500;
/** Steps that filters may take in one turn, about: half a second. */
const FILTER_STEPS_AT_ONCE = 5_000_000;

export class Wishes {
  readonly kept: KeptWishes;
  readonly #sql: SqlStorage;
  readonly #index: WishIndex;
  readonly #contentOf: ContentOf;
  /** Steps that filters have taken in this turn. */
  #filterSteps = 0;

  constructor(sql: SqlStorage, contentOf: ContentOf = (seq) => new EventStore(sql).at(seq)) {
    this.#sql = sql;
    this.#contentOf = contentOf;
    this.#index = new WishIndex(sql);
    this.kept = new KeptWishes(sql, this.#index);
  }

  /**
   * The next hooks above `afterHook` that wanted some of these events, which are in order, up to `limit` of them: not those
   * that `without` tells of the ids it is given.
   */
  shares<Event extends MatchedEvent>(
    events: readonly Event[],
    afterHook: number,
    limit: number,
    without: (hookIds: readonly number[]) => ReadonlySet<number> = () => NO_HOOKS,
  ): Found<Share<Event>> {
    const kinds = kindsOf(events);
    const keys = this.#keysOf('live', kinds.values());
    return this.#look(
      (after, rows) => this.#index.hooksUnder('live', keys, after, rows),
      afterHook,
      limit,
      (hookIds) => {
        const left = without(hookIds);
        return this.#wishesFor(
          hookIds.filter((id) => !left.has(id)),
          events,
        );
      },
      (hookId, wishes) => {
        const wanted = this.#wantedOf(events, wishes, kinds);
        return wanted.length === 0 ? null : { hookId, events: wanted };
      },
    );
  }

  /** The next hooks above `afterHook` that wanted an event of any age, up to `limit` of them. */
  wantedBy(event: MatchedEvent, afterHook: number, limit: number): Found<number> {
    const kinds = kindsOf([event]);
    return this.#lookAt(
      event,
      kinds,
      afterHook,
      limit,
      (wishes) => this.#wantedOf([event], wishes, kinds).length > 0,
    );
  }

  /**
   * The same by nothing but patterns and sources: an event whose payload is gone does not tell any more whether a hook
   * could be sent it.
   */
  selectedBy(event: MatchedEvent, afterHook: number, limit: number): Found<number> {
    return this.#lookAt(event, kindsOf([event]), afterHook, limit, (wishes) =>
      wishes.some((wish) => wish.holdsAt(event.seq) && wish.whyNotSelected(event) === null),
    );
  }

  #lookAt(
    event: MatchedEvent,
    kinds: Kinds,
    afterHook: number,
    limit: number,
    isOne: (wishes: readonly Wish[]) => boolean,
  ): Found<number> {
    const live = this.#keysOf('live', kinds.values());
    const past = this.#keysOf('past', kinds.values());
    return this.#look(
      (after, rows) =>
        this.kept.isIndexed
          ? merged(
              this.#index.hooksUnder('live', live, after, rows),
              this.#index.hooksUnder('past', past, after, rows),
            )
          : this.#anyHooks(after, rows),
      afterHook,
      limit,
      (hookIds) => this.#wishesFor(hookIds, [event]),
      (hookId, wishes) => (isOne(wishes) ? hookId : null),
    );
  }

  /** Those of these events, which are in order, that a hook wanted. */
  wanted<Event extends MatchedEvent>(hookId: number, events: readonly Event[]): Event[] {
    return this.#wantedOf(events, this.#wishesFor([hookId], events).get(hookId) ?? [], kindsOf(events));
  }

  /** What a living hook wants; null: there is none. */
  now(hookId: number): Wish | null {
    const [row] = this.#sql
      .exec<WishRow>('SELECT * FROM hook_versions WHERE hook_id = ? ORDER BY after_seq DESC LIMIT 1', hookId)
      .toArray();
    return row === undefined || row.until_seq !== null ? null : new Wish(row);
  }

  /**
   * Why a hook that there is or was did not want an event, or null when it did. Of an event whose payload is gone filters
   * have nothing to say any more.
   */
  whySkipped(hookId: number, event: MatchedEvent): Skipped | null {
    const [row] = this.#sql
      .exec<WishRow>(
        'SELECT * FROM hook_versions WHERE hook_id = ? AND after_seq < ? ORDER BY after_seq DESC LIMIT 1',
        hookId,
        event.seq,
      )
      .toArray();
    if (row === undefined) return { reason: 'created-later', clause: null };
    const wish = new Wish(row);
    return wish.holdsAt(event.seq) ? this.whyUnwanted(wish, event) : { reason: 'deleted', clause: null };
  }

  /** Why a wish that holds for an event is none for it, filters included; null: it is. */
  whyUnwanted(
    wish: Wish,
    event: MatchedEvent,
    keys: readonly string[] = typeKeys(event.type),
  ): Skipped | null {
    const reason = wish.whyUnwanted(event, keys);
    if (reason !== null) return { reason, clause: null };
    if (isOthersNotice(this.#sql, wish.hookId, event)) return { reason: 'pattern', clause: null };
    const clause = this.#failingClause(wish, event);
    return clause === null ? null : { reason: 'filter', clause };
  }

  #failingClause({ filters }: Wish, event: MatchedEvent): string | null {
    if (filters === null || event.kind === 'expunged') return null;
    const content = isWhole(event) ? event : this.#contentOf(event.seq);
    if (content === null) return null;
    return failingClause(filters, content, (steps) => {
      this.#filterSteps += steps;
    });
  }

  #wantedOf<Event extends MatchedEvent>(
    events: readonly Event[],
    wishes: readonly Wish[],
    kinds: Kinds,
  ): Event[] {
    return events.filter((event) => {
      const wish = wishes.find((some) => some.holdsAt(event.seq));
      return wish !== undefined && this.whyUnwanted(wish, event, kinds.get(kindName(event))?.keys) === null;
    });
  }

  /** Looks through hooks until `limit` are found, so many have been looked at, or there are no more. */
  #look<T>(
    page: (afterHook: number, rows: number) => HookPage,
    afterHook: number,
    limit: number,
    read: (hookIds: readonly number[]) => ReadonlyMap<number, readonly Wish[]>,
    pick: (hookId: number, wishes: readonly Wish[]) => T | null,
  ): Found<T> {
    const found: T[] = [];
    let after = afterHook;
    let lookedAt = 0;
    this.#filterSteps = 0;
    for (;;) {
      const room = limit - found.length;
      const { hookIds, upTo } = page(after, room + 1);
      const next = hookIds.slice(0, room);
      const wishes = read(next);
      for (const hookId of next) {
        const picked = pick(hookId, wishes.get(hookId) ?? []);
        if (picked !== null) found.push(picked);
        if (this.#filterSteps >= FILTER_STEPS_AT_ONCE) return { found, upTo: hookId };
      }
      lookedAt += next.length;
      const isAll = upTo === null && next.length === hookIds.length;
      if (isAll) return { found, upTo: null };
      after = next.length === hookIds.length ? (upTo ?? after) : (next.at(-1) ?? after);
      if (found.length === limit || lookedAt >= HOOKS_LOOKED_AT) return { found, upTo: after };
    }
  }

  /** The wishes of these hooks that may hold for some of these events, which are in order; by hook, in order. */
  #wishesFor(hookIds: readonly number[], events: readonly MatchedEvent[]): Map<number, Wish[]> {
    const wishes = new Map<number, Wish[]>();
    const [first, last] = [events[0], events.at(-1)];
    if (hookIds.length === 0 || first === undefined || last === undefined) return wishes;
    const rows = this.#sql.exec<WishRow>(
      `SELECT version.* FROM json_each(?1) AS hook, hook_versions AS version
       WHERE version.hook_id = hook.value AND version.after_seq < ?3
         AND version.after_seq >= ifnull((SELECT max(after_seq) FROM hook_versions
           WHERE hook_id = hook.value AND after_seq < ?2), 0)
         AND (version.until_seq IS NULL OR version.until_seq >= ?2)
       ORDER BY hook.key, version.after_seq`,
      JSON.stringify(hookIds),
      first.seq,
      last.seq,
    );
    for (const row of rows) {
      const of = wishes.get(row.hook_id);
      if (of === undefined) wishes.set(row.hook_id, [new Wish(row)]);
      else of.push(new Wish(row));
    }
    return wishes;
  }

  #anyHooks(afterHook: number, limit: number): HookPage {
    const hookIds = this.#sql
      .exec<{ id: number }>('SELECT id FROM hooks WHERE id > ? ORDER BY id LIMIT ?', afterHook, limit)
      .toArray()
      .map(({ id }) => id);
    return { hookIds, upTo: hookIds.length < limit ? null : (hookIds.at(-1) ?? null) };
  }

  #keysOf(part: 'live' | 'past', kinds: Iterable<Kind>): IndexKey[] {
    const keys = new Map<string, IndexKey>();
    for (const { type, sourceId } of kinds)
      for (const key of this.#index.keysOf(part, type, sourceId))
        keys.set(`${key.source} ${key.pattern}`, key);
    return [...keys.values()];
  }
}

/** What is worked out for one event of a type and source counts for all of them. */
interface Kind {
  readonly type: string;
  readonly sourceId: string | null;
  /** Of the type. */
  readonly keys: readonly string[];
}

type Kinds = ReadonlyMap<string, Kind>;

function kindsOf(events: readonly MatchedEvent[]): Kinds {
  const kinds = new Map<string, Kind>();
  for (const event of events) {
    const name = kindName(event);
    if (kinds.has(name)) continue;
    kinds.set(name, { type: event.type, sourceId: event.sourceId, keys: typeKeys(event.type) });
  }
  return kinds;
}

function kindName({ type, sourceId }: MatchedEvent): string {
  return `${sourceId ?? ''} ${type}`;
}

/** An event that has been read with its payload. */
function isWhole<Event extends MatchedEvent>(event: Event): event is Event & FilteredEvent {
  return 'raw' in event && 'head' in event;
}

function merged(one: HookPage, other: HookPage): HookPage {
  const upTo = Math.min(one.upTo ?? Infinity, other.upTo ?? Infinity);
  const hookIds = [...new Set([...one.hookIds, ...other.hookIds])].filter((id) => id <= upTo);
  return { hookIds: hookIds.sort((a, b) => a - b), upTo: upTo === Infinity ? null : upTo };
}
