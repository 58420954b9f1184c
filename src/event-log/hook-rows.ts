/** A hook's row in the `hooks` table. Its secrets are sealed here, and opened. */
import type { HookConfig } from '../core/hook-config.ts';
import {
  hasOutdated,
  sealedMembers,
  withHookSecrets,
  type EndingSecret,
  type HookRegistration,
  type HookSecrets,
} from '../core/hook-registration.ts';
import { blankWithinJson, bytesOf, padded } from '../storage/blank.ts';
import type { Transaction } from '../storage/transaction.ts';
import type { Vault } from '../storage/vault.ts';
import type { Resealed } from './reencryption.ts';
import type { RestoredHook } from './restored.ts';

export type HookRow = Record<string, SqlStorageValue> & {
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

type SecretColumns = Pick<HookRow, 'config' | 'secret' | 'former_secrets' | 'secret_keys'>;

const SET_SECRETS = 'config = ?, secret = ?, former_secrets = ?, secret_keys = ?';

export class HookRows {
  readonly #sql: SqlStorage;
  readonly #vault: Vault;
  readonly #transaction: Transaction;

  /** `transaction`: nothing is blanked that is not written anew. */
  constructor(sql: SqlStorage, vault: Vault, transaction: Transaction) {
    this.#sql = sql;
    this.#vault = vault;
    this.#transaction = transaction;
  }

  /** A row as good as deleted, which has an id and none of the secrets. */
  reserve(hook: Omit<RestoredHook, 'id'>): HookRegistration {
    return this.#insert(
      null,
      0,
      hook,
      withHookSecrets(hook, () => ''),
      hook.createdAtMs,
    );
  }

  restore(hook: RestoredHook): HookRegistration {
    return this.#insert(hook.id, 1, hook, this.#sealed(hook), null);
  }

  /** From now on the hook of a reserved row is there, with its secrets. */
  appear(hook: HookRegistration, version: number): HookRegistration {
    const row = this.#sql
      .exec<HookRow>(
        `UPDATE hooks SET version = ?, ${SET_SECRETS}, deleted_at = NULL WHERE id = ? RETURNING *`,
        version,
        ...valuesOf(columnsOf(this.#sealed(hook))),
        hook.id,
      )
      .one();
    return this.registrationOf(row);
  }

  /** The hook of that id, deleted or not. */
  find(id: number): HookRegistration | null {
    const row = this.#sql.exec<HookRow>('SELECT * FROM hooks WHERE id = ?', id).toArray()[0];
    return row === undefined ? null : this.registrationOf(row);
  }

  isLiving(id: number): boolean {
    const query = 'SELECT 1 FROM hooks WHERE id = ? AND deleted_at IS NULL';
    return this.#sql.exec(query, id).toArray().length > 0;
  }

  update(hook: HookRegistration): void {
    this.#blank(hook.id);
    this.#sql.exec(
      `UPDATE hooks SET version = ?, ${SET_SECRETS}, relay_host = ?, updated_at = ? WHERE id = ?`,
      hook.version,
      ...valuesOf(columnsOf(this.#sealed(hook))),
      hook.relayHost,
      hook.updatedAtMs,
      hook.id,
    );
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
        this.#sql.exec(`UPDATE hooks SET told = ?, ${SET_SECRETS} WHERE id = ?`, next, ...valuesOf(kept), id);
      });
    return next;
  }

  /** Its secrets go with it. */
  delete(id: number, nowMs: number): void {
    this.#blank(id);
    this.#sql.exec('UPDATE hooks SET version = version + 1, deleted_at = ? WHERE id = ?', nowMs, id);
  }

  forget(id: number): void {
    this.#sql.exec('DELETE FROM hooks WHERE id = ?', id);
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
      const hook = this.registrationOf(row);
      const isLegible = sealedMembers(hook).length === 0;
      const isChanged = hasOutdated(secretsOf(row), this.#vault.ring);
      if (isChanged) {
        this.#blank(id);
        this.#write(id, columnsOf(this.#sealed(hook)));
      }
      return { place: id, isChanged, isLegible };
    });
  }

  /** How many rows there are above an id; null: how many in all. */
  countAfter(after: number | string | null): number {
    return this.#sql
      .exec<{ count: number }>('SELECT count(*) AS count FROM hooks WHERE id > ?', after ?? 0)
      .one().count;
  }

  registrationOf(row: HookRow): HookRegistration {
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

  #insert(
    id: number | null,
    version: number,
    hook: Omit<RestoredHook, 'id'>,
    kept: HookSecrets,
    deletedAtMs: number | null,
  ): HookRegistration {
    const row = this.#sql
      .exec<HookRow>(
        `INSERT INTO hooks (id, version, config, secret, former_secrets, secret_keys, relay_host, key_id,
           created_at, updated_at, deleted_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
        id,
        version,
        ...valuesOf(columnsOf(kept)),
        hook.relayHost,
        hook.keyId,
        hook.createdAtMs,
        hook.updatedAtMs,
        deletedAtMs,
      )
      .one();
    return this.registrationOf(row);
  }

  #sealed<T extends HookSecrets & { readonly id: number }>(hook: T): T {
    return withHookSecrets(hook, this.#vault.box(`hook ${hook.id}`).seal);
  }

  /**
   * Overwrites the secrets of a row in place: one that gets longer is written somewhere else, and leaves its bytes behind.
   * Returns the row as it was.
   */
  #blank(id: number): HookRow {
    const row = this.#sql.exec<HookRow>('SELECT * FROM hooks WHERE id = ?', id).one();
    const blank = columnsOf(withHookSecrets(secretsOf(row), (_member, text) => blankWithinJson(text)));
    this.#write(id, {
      config: padded(blank.config, bytesOf(row.config)),
      secret: blank.secret,
      former_secrets: padded(blank.former_secrets, bytesOf(row.former_secrets)),
      secret_keys: padded(blank.secret_keys, bytesOf(row.secret_keys)),
    });
    return row;
  }

  #write(id: number, columns: SecretColumns): void {
    this.#sql.exec(`UPDATE hooks SET ${SET_SECRETS} WHERE id = ?`, ...valuesOf(columns), id);
  }
}

function columnsOf({ config, secret, formerSecrets, secretKeys }: HookSecrets): SecretColumns {
  return {
    config: JSON.stringify(config),
    secret,
    former_secrets: JSON.stringify(formerSecrets),
    secret_keys: JSON.stringify(secretKeys),
  };
}

/** In the order of `SET_SECRETS`. */
function valuesOf(columns: SecretColumns): [string, string, string, string] {
  return [columns.config, columns.secret, columns.former_secrets, columns.secret_keys];
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
