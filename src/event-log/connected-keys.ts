/** By which keys hooks are or were listened to, so that one that is revoked closes what it has opened. */
import type { Keys } from './keys.ts';

const HOOK_SOCKETS = 'object:sockets:';

export class ConnectedKeys {
  readonly #sql: SqlStorage;
  readonly #keys: Keys;

  constructor(sql: SqlStorage, keys: Keys) {
    this.#sql = sql;
    this.#keys = keys;
  }

  /** Notes that a hook is about to be listened to. Null: the key is good no more, and nothing is noted. */
  note(hookId: number, keyId: string, nowMs: number): { readonly expiresAtMs: number | null } | null {
    const key = this.#keys.get(keyId);
    if (key === null || (key.expiresAtMs ?? Infinity) <= nowMs) return null;
    this.#sql.exec('INSERT OR IGNORE INTO connected_keys (hook_id, key_id) VALUES (?, ?)', hookId, keyId);
    return { expiresAtMs: key.expiresAtMs };
  }

  /** Under which keys of the outbox hooks are told that this one is revoked. */
  outboxKeysOf(keyId: string): string[] {
    return this.#sql
      .exec<{ hook_id: number }>('SELECT hook_id FROM connected_keys WHERE key_id = ?', keyId)
      .toArray()
      .map(({ hook_id }) => `${HOOK_SOCKETS}${hook_id}`);
  }

  /** Those noted of a hook that have been revoked. */
  revokedOf(hookId: number): string[] {
    return this.#sql
      .exec<{ key_id: string }>('SELECT key_id FROM connected_keys WHERE hook_id = ?', hookId)
      .toArray()
      .map(({ key_id }) => key_id)
      .filter((keyId) => this.#keys.get(keyId) === null);
  }

  forget(hookId: number, keyIds: readonly string[]): void {
    this.#sql.exec(
      'DELETE FROM connected_keys WHERE hook_id = ? AND key_id IN (SELECT value FROM json_each(?))',
      hookId,
      JSON.stringify(keyIds),
    );
  }
}

/** The hook that an outbox key is about; null: it is about something else. */
export function hookOfSockets(outboxKey: string): number | null {
  return outboxKey.startsWith(HOOK_SOCKETS) ? Number(outboxKey.slice(HOOK_SOCKETS.length)) : null;
}
