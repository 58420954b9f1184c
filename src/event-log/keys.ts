/** API keys of a tenant. Only hashes are kept; the key itself is shown once, by the call that makes it. */
import type { RestoredKey } from './restored.ts';
import type { Role } from '../core/role.ts';
import { credentialHash, newKey } from '../registry/credential.ts';

export interface Key {
  readonly n: number;
  readonly id: string;
  readonly hash: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAtMs: number;
  /** null: does not end by itself. */
  readonly expiresAtMs: number | null;
}

export interface KeyIdentity {
  readonly id: string;
  readonly text: string;
  readonly hash: string;
}

type Row = Record<string, SqlStorageValue> & {
  n: number;
  id: string;
  hash: string;
  name: string;
  role: string;
  created_at: number;
  expires_at: number | null;
};

export class Keys {
  readonly #sql: SqlStorage;
  readonly #tenant: string;

  constructor(sql: SqlStorage, tenant: string) {
    this.#sql = sql;
    this.#tenant = tenant;
  }

  /** What a new key is to be known by; its text is kept nowhere. */
  newIdentity(): KeyIdentity {
    const text = newKey(this.#tenant);
    const id = `key_${crypto.randomUUID().replaceAll('-', '').slice(0, 20)}`;
    return { id, text, hash: credentialHash(text) };
  }

  create(
    { id, hash }: KeyIdentity,
    { name, role, createdAtMs, expiresAtMs }: Omit<Key, 'n' | 'id' | 'hash'>,
  ): Key {
    const row = this.#sql
      .exec<Row>(
        'INSERT INTO keys (id, hash, name, role, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING *',
        id,
        hash,
        name,
        role,
        createdAtMs,
        expiresAtMs,
      )
      .one();
    return toKey(row);
  }

  /** How many there are, counted no further than `most`. */
  count(most: number): number {
    return this.#sql
      .exec<{ count: number }>(
        `SELECT count(*) AS count FROM
           (SELECT 1 FROM keys INDEXED BY keys_living WHERE revoked_at IS NULL LIMIT ?)`,
        most,
      )
      .one().count;
  }

  list(order: 'asc' | 'desc', after: number | null, limit: number): Key[] {
    const rows =
      order === 'asc'
        ? this.#sql.exec<Row>(
            'SELECT * FROM keys WHERE revoked_at IS NULL AND n > ? ORDER BY n LIMIT ?',
            after ?? 0,
            limit,
          )
        : this.#sql.exec<Row>(
            'SELECT * FROM keys WHERE revoked_at IS NULL AND n < ? ORDER BY n DESC LIMIT ?',
            after ?? Number.MAX_SAFE_INTEGER,
            limit,
          );
    return rows.toArray().map(toKey);
  }

  /** The living key of that hash. */
  byHash(hash: string): Key | null {
    const row = this.#sql
      .exec<Row>('SELECT * FROM keys WHERE hash = ? AND revoked_at IS NULL', hash)
      .toArray()[0];
    return row === undefined ? null : toKey(row);
  }

  /** The living key of that id. */
  get(id: string): Key | null {
    const row = this.#sql
      .exec<Row>('SELECT * FROM keys WHERE id = ? AND revoked_at IS NULL', id)
      .toArray()[0];
    return row === undefined ? null : toKey(row);
  }

  /** Is there, or was there, this key, or another one of its id or hash? */
  known(id: string, hash: string): 'same' | 'other' | null {
    const rows = this.#sql
      .exec<{ id: string; hash: string }>('SELECT id, hash FROM keys WHERE id = ? OR hash = ?', id, hash)
      .toArray();
    if (rows.length === 0) return null;
    return rows.every((row) => row.id === id && row.hash === hash) ? 'same' : 'other';
  }

  restore({ id, hash, name, role, createdAtMs, expiresAtMs }: RestoredKey): void {
    this.#sql.exec(
      'INSERT INTO keys (id, hash, name, role, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
      id,
      hash,
      name,
      role,
      createdAtMs,
      expiresAtMs,
    );
  }

  revoke(id: string, nowMs: number): void {
    this.#sql.exec('UPDATE keys SET revoked_at = ? WHERE id = ?', nowMs, id);
  }

  /** Forgets keys that were revoked before `ms` and that no hook was made with. */
  forgetRevoked(ms: number): void {
    this.#sql.exec(
      `DELETE FROM keys WHERE revoked_at < ?
         AND NOT EXISTS (SELECT 1 FROM hooks WHERE key_id = keys.id)`,
      ms,
    );
  }
}

function toKey(row: Row): Key {
  return {
    n: row.n,
    id: row.id,
    hash: row.hash,
    name: row.name,
    role: row.role as Role,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
  };
}
