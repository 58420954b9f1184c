/**
 * Where wishes are found by what they want: a row for each key of a pattern (core/pattern-key.ts) and each source, so
 * that the rows read for an event depend on the hooks that match it and on nothing else. It only proposes: the wish
 * itself decides. Nothing of it is in memory but a few types that came last.
 *
 * `live` are wishes that may count for events still to be fanned out; the others are kept apart, to explain old events.
 */
import { typeKeys } from '../core/pattern-key.ts';
import type { Wish } from './wish.ts';

export type Part = 'live' | 'past';

/** Under which wishes may lie. `source` '': those for all sources, and those for too many. */
export interface IndexKey {
  readonly pattern: string;
  readonly source: string;
}

/** Ids of hooks, rising. `upTo`: there may be more behind this one; null: these are all. */
export interface HookPage {
  readonly hookIds: readonly number[];
  readonly upTo: number | null;
}

const ANY_SOURCE = '';
/** A wish of so many patterns and sources that it would take more rows lies there by its patterns alone. */
const ROWS_A_WISH = 1_000;
const TYPES_REMEMBERED = 200;
const IS_PAST = { live: 0, past: 1 } as const;

export class WishIndex {
  readonly #sql: SqlStorage;
  /** Keys in use, by part, type and source. */
  readonly #known = new Map<string, readonly IndexKey[]>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Adding again changes nothing. Returns how many rows it takes. */
  add(part: Part, wish: Wish): number {
    const { patterns, sources } = placesOf(wish);
    this.#known.clear();
    this.#sql.exec(
      `INSERT OR IGNORE INTO wish_patterns (is_past, pattern, source, hook_id, after_seq)
       SELECT ?1, p.value, s.value, ?2, ?3 FROM json_each(?4) AS p, json_each(?5) AS s`,
      IS_PAST[part],
      wish.hookId,
      wish.afterSeq,
      JSON.stringify(patterns),
      JSON.stringify(sources),
    );
    return patterns.length * sources.length;
  }

  /** Removing what is not there changes nothing. Returns how many rows it took. */
  remove(part: Part, wish: Wish): number {
    const { patterns, sources } = placesOf(wish);
    this.#known.clear();
    this.#sql.exec(
      `DELETE FROM wish_patterns WHERE (is_past, pattern, source, hook_id, after_seq) IN (
         SELECT ?1, p.value, s.value, ?2, ?3 FROM json_each(?4) AS p, json_each(?5) AS s)`,
      IS_PAST[part],
      wish.hookId,
      wish.afterSeq,
      JSON.stringify(patterns),
      JSON.stringify(sources),
    );
    return patterns.length * sources.length;
  }

  /** The keys in use under which the wishes lie that may want an event of this type and source. */
  keysOf(part: Part, type: string, sourceId: string | null): readonly IndexKey[] {
    const name = JSON.stringify([part, sourceId, type]);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const keys = this.#sql
      .exec<{ pattern: string; source: string }>(
        `SELECT p.value AS pattern, s.value AS source FROM json_each(?2) AS p, json_each(?3) AS s
         WHERE EXISTS (SELECT 1 FROM wish_patterns WHERE is_past = ?1 AND pattern = p.value AND source = s.value)`,
        IS_PAST[part],
        JSON.stringify(typeKeys(type)),
        JSON.stringify(sourceId === null ? [ANY_SOURCE] : [ANY_SOURCE, sourceId]),
      )
      .toArray();
    if (this.#known.size >= TYPES_REMEMBERED) this.#known.clear();
    this.#known.set(name, keys);
    return keys;
  }

  /** Hooks above `afterHook` with a wish under one of these keys; no more than `limit` rows are read for each. */
  hooksUnder(part: Part, keys: readonly IndexKey[], afterHook: number, limit: number): HookPage {
    const found = new Set<number>();
    let upTo = Infinity;
    for (const { pattern, source } of keys) {
      const rows = this.#sql
        .exec<{ hook_id: number }>(
          `SELECT hook_id FROM wish_patterns WHERE is_past = ? AND pattern = ? AND source = ? AND hook_id > ?
           ORDER BY hook_id LIMIT ?`,
          IS_PAST[part],
          pattern,
          source,
          afterHook,
          limit,
        )
        .toArray();
      for (const { hook_id: hookId } of rows) found.add(hookId);
      if (rows.length === limit) upTo = Math.min(upTo, rows.at(-1)?.hook_id ?? Infinity);
    }
    const hookIds = [...found].filter((id) => id <= upTo).sort((a, b) => a - b);
    return { hookIds, upTo: upTo === Infinity ? null : upTo };
  }
}

function placesOf({ patterns, sources }: Wish): { patterns: string[]; sources: readonly string[] } {
  const { keys } = patterns;
  const named = sources ?? [ANY_SOURCE];
  return { patterns: keys, sources: keys.length * named.length > ROWS_A_WISH ? [ANY_SOURCE] : named };
}
