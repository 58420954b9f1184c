/**
 * What each hook wanted in which part of the log. Every change is kept with the place after which it holds, so that an
 * event is matched against what stood at its own place, however late it is fanned out or explained.
 *
 * Wishes of one hook never overlap. One is in the index (wish-index.ts) from its beginning until it is forgotten: among the
 * live ones until it has ended and the fan-out has passed its end, which `ended_wishes` waits for.
 */
import type { Reason } from '../core/delivery.ts';
import { NO_FILTERS, type HookConfig } from '../core/hook-config.ts';
import { typeKeys } from '../core/pattern-key.ts';
import { followedPatterns } from '../providers/superoffice/named.ts';
import { failingClause, type FilteredEvent } from './event-filters.ts';
import { EventStore, type MatchedEvent } from './event-store.ts';
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
/** Index rows written and wishes read in one turn, about. */
const ROWS_AT_ONCE = 2_000;
const WISHES_AT_ONCE = 50;
/** Steps that filters may take in one turn, about: half a second. */
const FILTER_STEPS_AT_ONCE = 5_000_000;

export class Wishes {
  readonly #sql: SqlStorage;
  readonly #index: WishIndex;
  readonly #contentOf: ContentOf;
  /** Steps that filters have taken in this turn. */
  #filterSteps = 0;
  /** False: every wish in the index that is live has no end. */
  #mayHaveEnded = true;
  #isIndexed: boolean;

  constructor(sql: SqlStorage, contentOf: ContentOf = (seq) => new EventStore(sql).at(seq)) {
    this.#sql = sql;
    this.#contentOf = contentOf;
    this.#index = new WishIndex(sql);
    this.#isIndexed = sql.exec('SELECT 1 FROM wish_indexing').toArray().length === 0;
  }

  /** From the next event on the hook wants this, and nothing else. */
  change(hookId: number, config: HookConfig, lastSeq: number): void {
    this.end(hookId, lastSeq);
    // One that held for no event makes room; a deletion keeps it, as the place where the hook ended.
    this.#sql.exec('DELETE FROM hook_versions WHERE hook_id = ? AND after_seq = ?', hookId, lastSeq);
    this.begin(hookId, config, lastSeq);
  }

  begin(hookId: number, config: HookConfig, lastSeq: number): void {
    const row = this.#sql
      .exec<WishRow>(
        `INSERT INTO hook_versions (hook_id, after_seq, until_seq, events, sources, format, filters, names)
         VALUES (?, ?, NULL, ?, ?, ?, ?, ?) RETURNING *`,
        hookId,
        lastSeq,
        JSON.stringify(patternsOf(config)),
        config.sources === null ? null : JSON.stringify(config.sources),
        config.format,
        filtersOf(config),
        namesOf(config),
      )
      .one();
    this.#index.add('live', new Wish(row));
  }

  end(hookId: number, lastSeq: number): void {
    const [row] = this.#sql
      .exec<WishRow>(
        `UPDATE hook_versions SET until_seq = ?1 WHERE hook_id = ?2 AND until_seq IS NULL
           AND after_seq = (SELECT max(after_seq) FROM hook_versions WHERE hook_id = ?2) RETURNING *`,
        lastSeq,
        hookId,
      )
      .toArray();
    if (row === undefined) return;
    const wish = new Wish(row);
    if (wish.afterSeq < lastSeq) this.#awaitEnd(wish);
    else this.#index.remove('live', wish);
  }

  /** The fan-out has passed this place: some of what had ended there counts for no event to come. */
  passed(fannedSeq: number): void {
    if (!this.#mayHaveEnded) return;
    const rows = this.#sql.exec<WishRow>(
      `SELECT version.* FROM ended_wishes JOIN hook_versions AS version USING (hook_id, after_seq)
       WHERE ended_wishes.until_seq <= ? ORDER BY ended_wishes.until_seq LIMIT ?`,
      fannedSeq,
      WISHES_AT_ONCE,
    );
    let written = 0;
    for (const wish of rows.toArray().map(toWish)) {
      if (written > ROWS_AT_ONCE) return;
      written += this.#index.add('past', wish) + this.#index.remove('live', wish);
      this.#sql.exec(
        'DELETE FROM ended_wishes WHERE until_seq = ? AND hook_id = ? AND after_seq = ?',
        wish.untilSeq,
        wish.hookId,
        wish.afterSeq,
      );
    }
    this.#mayHaveEnded = this.#sql.exec('SELECT 1 FROM ended_wishes LIMIT 1').toArray().length > 0;
  }

  /** Some of what living hooks wanted before this place and want no more. True: that was all. */
  forgetBefore(firstSeq: number): boolean {
    const rows = this.#sql.exec<WishRow>(
      `SELECT * FROM hook_versions WHERE until_seq < ?
         AND EXISTS (SELECT 1 FROM hooks WHERE id = hook_id AND deleted_at IS NULL) LIMIT ?`,
      firstSeq,
      WISHES_AT_ONCE,
    );
    return this.#forget(rows);
  }

  /** Some of what a hook ever wanted. True: that was all. */
  forget(hookId: number): boolean {
    return this.#forget(
      this.#sql.exec<WishRow>(
        'SELECT * FROM hook_versions WHERE hook_id = ? LIMIT ?',
        hookId,
        WISHES_AT_ONCE,
      ),
    );
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
        this.#isIndexed
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

  /** False: wishes from before there was an index are still to be put into it, and nothing can be fanned out. */
  get isIndexed(): boolean {
    return this.#isIndexed;
  }

  /** Puts some wishes from before there was an index into it, and remembers on disk how far it came. */
  indexSome(fannedSeq: number): void {
    const [from] = this.#sql
      .exec<{ after_hook: number; after_seq: number }>('SELECT * FROM wish_indexing')
      .toArray();
    if (from === undefined) return;
    const rows = this.#sql.exec<WishRow>(
      `SELECT * FROM hook_versions WHERE (hook_id, after_seq) > (?, ?) ORDER BY hook_id, after_seq LIMIT ?`,
      from.after_hook,
      from.after_seq,
      ROWS_AT_ONCE,
    );
    let written = 0;
    for (const row of rows) {
      const wish = new Wish(row);
      if (wish.afterSeq < wish.untilSeq) {
        written += this.#index.add(wish.untilSeq <= fannedSeq ? 'past' : 'live', wish);
        if (wish.untilSeq !== Infinity && wish.untilSeq > fannedSeq) this.#awaitEnd(wish);
      }
      if (written < ROWS_AT_ONCE) continue;
      this.#sql.exec('UPDATE wish_indexing SET after_hook = ?, after_seq = ?', wish.hookId, wish.afterSeq);
      return;
    }
    this.#sql.exec('DELETE FROM wish_indexing');
    this.#isIndexed = true;
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

  #awaitEnd({ untilSeq, hookId, afterSeq }: Wish): void {
    this.#mayHaveEnded = true;
    this.#sql.exec(
      'INSERT OR IGNORE INTO ended_wishes (until_seq, hook_id, after_seq) VALUES (?, ?, ?)',
      untilSeq,
      hookId,
      afterSeq,
    );
  }

  #forget(rows: Iterable<WishRow>): boolean {
    const wishes = [...rows].map(toWish);
    for (const wish of wishes) {
      this.#index.remove('live', wish);
      this.#index.remove('past', wish);
      const { hookId, afterSeq } = wish;
      if (wish.untilSeq !== Infinity)
        this.#sql.exec(
          'DELETE FROM ended_wishes WHERE until_seq = ? AND hook_id = ? AND after_seq = ?',
          wish.untilSeq,
          hookId,
          afterSeq,
        );
      this.#sql.exec('DELETE FROM hook_versions WHERE hook_id = ? AND after_seq = ?', hookId, afterSeq);
    }
    return wishes.length < WISHES_AT_ONCE;
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

/** null: none. */
function filtersOf({ filters = NO_FILTERS }: HookConfig): string | null {
  return filters === NO_FILTERS ? null : filters;
}

function patternsOf({ events, dialect }: HookConfig): readonly string[] {
  return dialect.kind === 'superoffice' ? followedPatterns(dialect.events, events) : events;
}

/** null: it goes by type. */
function namesOf({ dialect }: HookConfig): string | null {
  return dialect.kind === 'superoffice' ? JSON.stringify(dialect.events) : null;
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

function toWish(row: WishRow): Wish {
  return new Wish(row);
}
