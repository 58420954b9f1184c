/** Hook registrations. Which events each of them follows, and from where in the log on, is kept beside them: wishes.ts. */
import { NO_FILTERS, type Dialect, type HookConfig } from '../core/hook-config.ts';
import type { Ending } from '../core/rotation.ts';
import { blankWithinJson, bytesOf, padded } from '../storage/blank.ts';
import type { Transaction } from '../storage/transaction.ts';
import { OPEN_VAULT, type Vault } from '../storage/vault.ts';
import { hasOutdated, sealedMembers, withHookSecrets, type HookSecrets } from './hook-secrets.ts';
import type { Resealed } from './reencryption.ts';
import { calledUrl } from '../core/url-spelling.ts';
import type { RestoredHook } from './restored.ts';
import { Wishes, type ContentOf } from './wishes.ts';

export interface EndingSecret extends Ending {
  readonly text: string;
}

/** What may sign a hook's deliveries. None of it is in an answer but `secret`, in those that are for it. */
export interface HookKeys {
  /** The newest. */
  readonly secret: string;
  /** Those before it, newest first, that sign as well until they end. */
  readonly formerSecrets: readonly EndingSecret[];
  /** Secret keys of key pairs, newest first; none until the hook is first to sign with one. */
  readonly secretKeys: readonly EndingSecret[];
}

export interface HookRegistration extends HookKeys {
  readonly id: number;
  /** Rises with every change. */
  readonly version: number;
  readonly config: HookConfig;
  /** Host under which the relay was reached when the URL was registered: never a target. */
  readonly relayHost: string;
  /** The key it was made with; null: the operator's. */
  readonly keyId: string | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly deletedAtMs: number | null;
}

/** Which hooks a caller sees; null: whichever. */
export interface HookScope {
  readonly dialect: Dialect['kind'] | null;
  /** Only those made with this key. */
  readonly keyId: string | null;
}

/** A part of a list. */
export interface HookPage {
  readonly hooks: readonly HookRegistration[];
  /** Id of the hook after which the next page begins; null: there are no more. */
  readonly next: number | null;
}

/** An answer of an object holds 32 MiB. */
const PAGE_BYTES = 4 * 1024 * 1024;
const PAGE_LOOKED_AT = 2_000;

/** By what a list looks for hooks; null: whichever. */
export interface NamedHook {
  readonly uid: string | null;
  readonly name: string | null;
  /** A part of it, in any case of letters. */
  readonly url: string | null;
}

const ANY_NAME: NamedHook = { uid: null, name: null, url: null };

export const EVERY_HOOK: HookScope = { dialect: null, keyId: null };

export interface NewHook {
  readonly config: HookConfig;
  /** null: one is generated. */
  readonly secret: string | null;
  readonly relayHost: string;
  readonly keyId: string | null;
}

type HookRow = Record<string, SqlStorageValue> & {
  id: number;
  version: number;
  config: string;
  secret: string;
  former_secrets: string;
  secret_keys: string;
  relay_host: string;
  key_id: string | null;
  created_at: number;
  updated_at: number;
  deleted_at: number | null;
};

export class Hooks {
  readonly #sql: SqlStorage;
  readonly #vault: Vault;
  readonly #transaction: Transaction;
  readonly wishes: Wishes;

  /** `transaction`: nothing is blanked that is not written anew. */
  constructor(
    sql: SqlStorage,
    contentOf?: ContentOf,
    vault = OPEN_VAULT,
    transaction: Transaction = (work) => work(),
  ) {
    this.#transaction = transaction;
    this.#sql = sql;
    this.#vault = vault;
    this.wishes = new Wishes(sql, contentOf);
  }

  /** Gives a new hook its id. Until it appears it is as good as deleted, and its secrets are not on disk. */
  reserve(
    { config, relayHost, keyId }: NewHook,
    { secret, secretKeys }: Omit<HookKeys, 'formerSecrets'>,
    nowMs: number,
  ): HookRegistration {
    const secrets = { config, secret, formerSecrets: [], secretKeys };
    const kept = withHookSecrets(secrets, () => '');
    const row = this.#sql
      .exec<HookRow>(
        `INSERT INTO hooks (version, config, secret, secret_keys, relay_host, key_id, created_at, updated_at, deleted_at)
         VALUES (0, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
        JSON.stringify(kept.config),
        kept.secret,
        JSON.stringify(kept.secretKeys),
        relayHost,
        keyId,
        nowMs,
        nowMs,
        nowMs,
      )
      .one();
    return { ...this.#registrationOf(row), ...secrets };
  }

  /** A hook of an export, as it was; it wants what comes after `lastSeq`. */
  restore(hook: RestoredHook, lastSeq: number): void {
    const kept = withHookSecrets(hook, this.#vault.box(`hook ${hook.id}`).seal);
    this.#sql.exec(
      `INSERT INTO hooks (id, version, config, secret, former_secrets, secret_keys, relay_host, key_id, created_at, updated_at)
       VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?)`,
      hook.id,
      JSON.stringify(kept.config),
      kept.secret,
      JSON.stringify(kept.formerSecrets),
      JSON.stringify(kept.secretKeys),
      hook.relayHost,
      hook.keyId,
      hook.createdAtMs,
      hook.updatedAtMs,
    );
    this.wishes.kept.begin(hook.id, hook.config, lastSeq);
  }

  /** From the next event on there is a hook that was reserved. */
  appear(hook: HookRegistration, version: number, lastSeq: number): HookRegistration {
    const kept = withHookSecrets(hook, this.#vault.box(`hook ${hook.id}`).seal);
    const row = this.#sql
      .exec<HookRow>(
        `UPDATE hooks SET version = ?, config = ?, secret = ?, secret_keys = ?, deleted_at = NULL
         WHERE id = ? RETURNING *`,
        version,
        JSON.stringify(kept.config),
        kept.secret,
        JSON.stringify(kept.secretKeys),
        hook.id,
      )
      .one();
    this.wishes.kept.begin(hook.id, hook.config, lastSeq);
    return this.#registrationOf(row);
  }

  /** A number for telling the object of a hook, above all that it was told under before. */
  nextTelling(id: number): number {
    const { told, next } = this.#sql
      .exec<{ told: number; next: number }>(
        'SELECT told, max(told, version) + 1 AS next FROM hooks WHERE id = ?',
        id,
      )
      .one();
    if (widthOf(next) === widthOf(told)) this.#sql.exec('UPDATE hooks SET told = ? WHERE id = ?', next, id);
    else
      this.#transaction(() => {
        const kept = this.#blank(id);
        this.#sql.exec(
          'UPDATE hooks SET told = ?, config = ?, secret = ?, former_secrets = ?, secret_keys = ? WHERE id = ?',
          next,
          kept.config,
          kept.secret,
          kept.former_secrets,
          kept.secret_keys,
          id,
        );
      });
    return next;
  }

  /** The hook of that id, deleted or not. */
  find(id: number): HookRegistration | null {
    const row = this.#sql.exec<HookRow>('SELECT * FROM hooks WHERE id = ?', id).toArray()[0];
    return row === undefined ? null : this.#registrationOf(row);
  }

  /** The living hook of that id, if it is within the scope. */
  get(id: number, scope: HookScope): HookRegistration | null {
    const hook = this.find(id);
    return hook?.deletedAtMs === null && isWithin(scope, hook) ? hook : null;
  }

  isLiving(id: number): boolean {
    const query = 'SELECT 1 FROM hooks WHERE id = ? AND deleted_at IS NULL';
    return this.#sql.exec(query, id).toArray().length > 0;
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

  /** Living hooks within the scope, by id; `after` null: from the beginning. */
  list(scope: HookScope, order: 'asc' | 'desc', after: number | null, limit: number): HookRegistration[] {
    const [beyond, direction] = order === 'asc' ? ['>', 'ASC'] : ['<', 'DESC'];
    return this.#sql
      .exec<HookRow>(
        `SELECT * FROM hooks WHERE deleted_at IS NULL AND id ${beyond} ?1
           AND (?2 IS NULL OR json_extract(config, '$.dialect.kind') = ?2) AND (?3 IS NULL OR key_id = ?3)
         ORDER BY id ${direction} LIMIT ?4`,
        after ?? (order === 'asc' ? 0 : Number.MAX_SAFE_INTEGER),
        scope.dialect,
        scope.keyId,
        limit,
      )
      .toArray()
      .map((row) => this.#registrationOf(row));
  }

  /** The same a page at a time: it ends after `limit` hooks, 4 MiB of them, or so many that were looked at in vain. */
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
      if (isFound) hooks.push(this.#registrationOf(row));
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

  /** Forgets a deleted hook. One that has wanted much goes a part at a time: until the last it is still there. */
  forget(id: number): void {
    if (this.wishes.kept.forget(id)) this.#sql.exec('DELETE FROM hooks WHERE id = ?', id);
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

  /** Puts a registration in place of the one before, from the next event on. */
  save(before: HookRegistration, hook: HookRegistration, lastSeq: number): void {
    const kept = withHookSecrets(hook, this.#vault.box(`hook ${hook.id}`).seal);
    this.#blank(hook.id);
    this.#sql.exec(
      `UPDATE hooks SET version = ?, config = ?, secret = ?, former_secrets = ?, secret_keys = ?, relay_host = ?,
         updated_at = ?
       WHERE id = ?`,
      hook.version,
      JSON.stringify(kept.config),
      kept.secret,
      JSON.stringify(kept.formerSecrets),
      JSON.stringify(kept.secretKeys),
      hook.relayHost,
      hook.updatedAtMs,
      hook.id,
    );
    if (!sameWish(before.config, hook.config)) this.wishes.kept.change(hook.id, hook.config, lastSeq);
  }

  /** Its secrets go with it. */
  delete(id: number, lastSeq: number, nowMs: number): void {
    this.#blank(id);
    this.#sql.exec('UPDATE hooks SET version = version + 1, deleted_at = ? WHERE id = ?', nowMs, id);
    this.#sql.exec('DELETE FROM connected_keys WHERE hook_id = ?', id);
    this.wishes.kept.end(id, lastSeq);
  }

  /** Brings rows above an id under the first key, up to `limit` of them. What a deleted one still holds is overwritten. */
  reseal(after: number | string, limit: number): Resealed[] {
    const rows = this.#sql
      .exec<HookRow>('SELECT * FROM hooks WHERE id > ? ORDER BY id LIMIT ?', after, limit)
      .toArray();
    return rows.map((row) => {
      const { id } = row;
      if (row.deleted_at !== null) {
        this.#blank(id);
        return { place: id, isChanged: false, isLegible: true };
      }
      const hook = this.#registrationOf(row);
      const isLegible = sealedMembers(hook).length === 0;
      const isChanged = hasOutdated(secretsOf(row), this.#vault.ring);
      if (isChanged) this.#rewrite(row, withHookSecrets(hook, this.#vault.box(`hook ${id}`).seal));
      return { place: id, isChanged, isLegible };
    });
  }

  /** How many rows there are above an id; null: how many in all. */
  countAfter(after: number | string | null): number {
    return this.#sql
      .exec<{ count: number }>('SELECT count(*) AS count FROM hooks WHERE id > ?', after ?? 0)
      .one().count;
  }

  #rewrite({ id }: HookRow, kept: HookSecrets): void {
    this.#blank(id);
    this.#sql.exec(
      'UPDATE hooks SET config = ?, secret = ?, former_secrets = ?, secret_keys = ? WHERE id = ?',
      JSON.stringify(kept.config),
      kept.secret,
      JSON.stringify(kept.formerSecrets),
      JSON.stringify(kept.secretKeys),
      id,
    );
  }

  /**
   * Overwrites the secrets of a row in place: one that gets longer is written somewhere else, and leaves its bytes behind.
   * Returns the row as it was.
   */
  #blank(id: number): HookRow {
    const row = this.#sql.exec<HookRow>('SELECT * FROM hooks WHERE id = ?', id).one();
    const blank = withHookSecrets(secretsOf(row), (_member, text) => blankWithinJson(text));
    this.#sql.exec(
      'UPDATE hooks SET config = ?, secret = ?, former_secrets = ?, secret_keys = ? WHERE id = ?',
      padded(JSON.stringify(blank.config), bytesOf(row.config)),
      blank.secret,
      padded(JSON.stringify(blank.formerSecrets), bytesOf(row.former_secrets)),
      padded(JSON.stringify(blank.secretKeys), bytesOf(row.secret_keys)),
      id,
    );
    return row;
  }

  #registrationOf(row: HookRow): HookRegistration {
    return withHookSecrets(
      {
        id: row.id,
        version: row.version,
        ...secretsOf(row),
        relayHost: row.relay_host,
        keyId: row.key_id,
        createdAtMs: row.created_at,
        updatedAtMs: row.updated_at,
        deletedAtMs: row.deleted_at,
      },
      this.#vault.box(`hook ${row.id}`).open,
    );
  }
}

function isNamed(row: Pick<HookRow, 'config'>, { uid, name, url }: NamedHook): boolean {
  if (uid === null && name === null && url === null) return true;
  const config = JSON.parse(row.config) as HookConfig;
  return (
    (uid === null || config.uid === uid) &&
    (name === null || config.name === name) &&
    (url === null || calledUrl(config.url).toLowerCase().includes(url.toLowerCase()))
  );
}

function isWithin(scope: HookScope, hook: HookRegistration): boolean {
  return (
    (scope.dialect === null || scope.dialect === hook.config.dialect.kind) &&
    (scope.keyId === null || scope.keyId === hook.keyId)
  );
}

function sameWish(a: HookConfig, b: HookConfig): boolean {
  return JSON.stringify(wishOf(a)) === JSON.stringify(wishOf(b));
}

function wishOf({ events, sources, format, filters = NO_FILTERS, dialect }: HookConfig): unknown[] {
  return [events, sources, format, filters, dialect.kind === 'superoffice' ? dialect.events : null];
}

/** Bytes of a whole number in a row of SQLite. */
function widthOf(count: number): number {
  if (count < 2) return 0;
  return 1 + [2 ** 7, 2 ** 15, 2 ** 23, 2 ** 31, 2 ** 47].filter((limit) => count >= limit).length;
}

/** As they lie there. */
function secretsOf(row: HookRow): HookSecrets {
  return {
    config: JSON.parse(row.config) as HookConfig,
    secret: row.secret,
    formerSecrets: JSON.parse(row.former_secrets) as EndingSecret[],
    secretKeys: JSON.parse(row.secret_keys) as EndingSecret[],
  };
}
