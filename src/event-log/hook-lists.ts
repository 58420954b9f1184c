/** Which hooks there are: named, typed statements over the rows of the living, and of those to be forgotten. */
import type { HookRegistration } from '../core/hook-registration.ts';
import type { HookRow, HookRows } from './hook-rows.ts';
import { ANY_NAME, isNamed, type HookScope, type NamedHook } from './hook-scope.ts';

/** A part of a list. */
export interface HookPage {
  readonly hooks: readonly HookRegistration[];
  /** Id of the hook after which the next page begins; null: there are no more. */
  readonly next: number | null;
}

/** An answer of an object holds 32 MiB. */
const PAGE_BYTES = 4 * 1024 * 1024;
const PAGE_LOOKED_AT = 2_000;

export class HookLists {
  readonly #sql: SqlStorage;
  readonly #rows: HookRows;

  constructor(sql: SqlStorage, rows: HookRows) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** How many hooks live, counted no further than `most`. */
  count(most: number): number {
    return this.#sql
      .exec<{ count: number }>(
        `SELECT count(*) AS count FROM
           (SELECT 1 FROM hooks INDEXED BY hooks_living WHERE deleted_at IS NULL LIMIT ?)`,
        most,
      )
      .one().count;
  }

  /**
   * A page of the living hooks within the scope, by id; `after` null: from the beginning. It ends after `limit` hooks,
   * 4 MiB of them, or so many that were looked at in vain.
   */
  page(
    scope: HookScope,
    order: 'asc' | 'desc',
    after: number | null,
    limit: number,
    named: NamedHook = ANY_NAME,
  ): HookPage {
    const [beyond, direction] = order === 'asc' ? ['>', 'ASC'] : ['<', 'DESC'];
    const rows = this.#sql.exec<HookRow & { is_within: number }>(
      `SELECT *, (?2 IS NULL OR json_extract(config, '$.dialect.kind') = ?2)
         AND (?3 IS NULL OR key_id IS ?3) AS is_within
       FROM hooks WHERE deleted_at IS NULL AND id ${beyond} ?1 ORDER BY id ${direction}`,
      after ?? (order === 'asc' ? 0 : Number.MAX_SAFE_INTEGER),
      scope.dialect,
      scope.keyId,
    );
    const hooks: HookRegistration[] = [];
    let bytes = 0;
    let lookedAt = 0;
    let last: number | null = null;
    for (const row of rows) {
      const isFound = row.is_within === 1 && isNamed(row, named);
      bytes += isFound ? row.config.length : 0;
      const isFull = hooks.length === limit || (hooks.length > 0 && bytes > PAGE_BYTES);
      if (isFull || lookedAt === PAGE_LOOKED_AT) return { hooks, next: last };
      if (isFound) hooks.push(this.#rows.registrationOf(row));
      lookedAt += 1;
      last = row.id;
    }
    return { hooks, next: null };
  }

  /** Of up to `limit` living hooks above this one what says nothing of their secrets. */
  outlines(
    after: number,
    limit: number,
  ): { id: number; name: string; paused: boolean; keyId: string | null }[] {
    return this.#sql
      .exec<{ id: number; name: string; paused: number; keyId: string | null }>(
        `SELECT id, key_id AS keyId, json_extract(config, '$.name') AS name, json_extract(config, '$.paused') AS paused
         FROM hooks INDEXED BY hooks_living WHERE deleted_at IS NULL AND id > ? ORDER BY id LIMIT ?`,
        after,
        limit,
      )
      .toArray()
      .map(({ paused, ...hook }) => ({ ...hook, paused: paused === 1 }));
  }

  /** Up to `limit` hooks above this one that were deleted before `ms`, and before any event from `firstSeq` on. */
  forgettable(ms: number, firstSeq: number, after: number, limit: number): number[] {
    return this.#sql
      .exec<{ id: number }>(
        `SELECT id FROM hooks INDEXED BY hooks_deleted WHERE deleted_at < ?1 AND id > ?3 AND NOT EXISTS (
           SELECT 1 FROM hook_versions WHERE hook_id = hooks.id AND until_seq >= ?2) ORDER BY id LIMIT ?4`,
        ms,
        firstSeq,
        after,
        limit,
      )
      .toArray()
      .map((row) => row.id);
  }

  /** Ids of the sources that the next living hooks above this one name. `next` null: there are no more hooks. */
  sourcesNamed(after: number, limit: number): { named: Set<string>; next: number | null } {
    const rows = this.#sql.exec<{ id: number; sources: string | null }>(
      `SELECT id, json_extract(config, '$.sources') AS sources FROM hooks INDEXED BY hooks_living
       WHERE deleted_at IS NULL AND id > ? ORDER BY id LIMIT ?`,
      after,
      limit,
    );
    const named = new Set<string>();
    let count = 0;
    let last = after;
    for (const { id, sources } of rows) {
      for (const source of JSON.parse(sources ?? '[]') as string[]) named.add(source);
      count += 1;
      last = id;
    }
    return { named, next: count < limit ? null : last };
  }

  /** The living hook with this `uid`; null: there is none. */
  idOfUid(uid: string): number | null {
    const [row] = this.#sql
      .exec<{ id: number }>(
        `SELECT id FROM hooks WHERE deleted_at IS NULL AND json_extract(config, '$.uid') IS NOT NULL
           AND json_extract(config, '$.uid') = ?`,
        uid,
      )
      .toArray();
    return row?.id ?? null;
  }
}
