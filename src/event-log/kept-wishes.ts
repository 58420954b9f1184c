/**
 * What each hook wanted in which part of the log. Every change is kept with the place after which it holds.
 *
 * Wishes of one hook never overlap. One is in the index (wish-index.ts) from its beginning until it is forgotten: among the
 * live ones until it has ended and the fan-out has passed its end, which `ended_wishes` waits for.
 */
import { NO_FILTERS, type HookConfig } from '../core/hook-config.ts';
import { followedPatterns } from '../providers/superoffice/named.ts';
import { Wish, type WishRow } from './wish.ts';
import type { WishIndex } from './wish-index.ts';

/** Index rows written and wishes read in one turn, about. */
const ROWS_AT_ONCE = 2_000;
const WISHES_AT_ONCE = 50;

export class KeptWishes {
  readonly #sql: SqlStorage;
  readonly #index: WishIndex;
  /** False: every wish in the index that is live has no end. */
  #mayHaveEnded = true;
  #isIndexed: boolean;

  constructor(sql: SqlStorage, index: WishIndex) {
    this.#sql = sql;
    this.#index = index;
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

function toWish(row: WishRow): Wish {
  return new Wish(row);
}
