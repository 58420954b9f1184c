/** The tenant's keys: made, listed, revoked. */
import type { Attribution } from '../core/audit-chain.ts';
import type { Role } from '../core/role.ts';
import { keyRecordKey, type KeyRoute } from '../registry/records.ts';
import { BY_RELAY } from './audit.ts';
import { auditedKey } from './audited.ts';
import type { Changes } from './changes.ts';
import type { Created } from './idempotency.ts';
import type { Key } from './keys.ts';
import type { ListQuery } from './list-query.ts';
import type { OpenLog } from './open-log.ts';
import { fullOf } from './quota.ts';
import { keyRecord, keyRoute } from './records.ts';
import type { Full, Outdated, Quotas } from './refused.ts';
import type { Telling } from './telling.ts';

/** What a key is never changes. */
export const KEY_VERSION = 1;

export class KeyRegistrar {
  readonly #log: OpenLog;
  readonly #changes: Changes;
  readonly #telling: Telling;
  readonly #quotas: () => Quotas;

  constructor(log: OpenLog, changes: Changes, telling: Telling, quotas: () => Quotas) {
    this.#log = log;
    this.#changes = changes;
    this.#telling = telling;
    this.#quotas = quotas;
  }

  routeOfKey(hash: string): KeyRoute | null {
    const { keys, ref } = this.#log;
    const key = keys.byHash(hash);
    return key === null ? null : keyRoute(ref, key);
  }

  /** The key of that hash if it is good now. */
  liveKey(hash: string): Key | null {
    const key = this.#log.keys.byHash(hash);
    return key !== null && (key.expiresAtMs === null || key.expiresAtMs > Date.now()) ? key : null;
  }

  /** Makes a key; its text is in the answer only. */
  async createKey(
    name: string,
    role: Role,
    expiresAtMs: number | null,
    by: Attribution = BY_RELAY,
  ): Promise<Created<{ readonly key: Key; readonly text: string }> | Full> {
    const { keys, ref } = this.#log;
    const full = () => fullOf(this.#log, 'keys', this.#quotas());
    const refused = full();
    if (refused !== null) return refused;
    const identity = keys.newIdentity();
    const members = { name, role, createdAtMs: Date.now(), expiresAtMs };
    const plan = {
      keys: [keyRecordKey(identity.hash)],
      tell: (record: string) => this.#telling.record(record, keyRecord(ref, { ...identity, ...members })),
      commit: () => {
        const key = keys.create(identity, members);
        this.#log.audit.add(by, `key/${key.id}`, null, auditedKey(key));
        return { kind: 'created', value: { key, text: identity.text } } as const;
      },
    };
    return this.#changes.makeNew(() => plan, full);
  }

  /** A hook is about to be listened to by this key. Null: it is good no more. */
  listening(hookId: number, keyId: string): { readonly expiresAtMs: number | null } | null {
    return this.#log.connectedKeys.note(hookId, keyId, Date.now());
  }

  listKeys({ order, after, limit }: ListQuery): Key[] {
    return this.#log.keys.list(order, after, limit);
  }

  /** False: there is no such key. `versions`: it must have one of these; null: any. */
  async revokeKey(
    id: string,
    versions: readonly number[] | null = null,
    by: Attribution = BY_RELAY,
  ): Promise<boolean | Outdated> {
    const { keys } = this.#log;
    const key = keys.get(id);
    if (key === null) return false;
    if (versions?.includes(KEY_VERSION) === false) return 'outdated';
    const record = keyRecordKey(key.hash);
    return this.#changes.make(record, () => {
      if (keys.get(id) === null) return { instead: false };
      return {
        keys: [record],
        tell: (told) => this.#telling.record(told, null),
        commit: () => {
          keys.revoke(id, Date.now());
          this.#log.audit.add(by, `key/${id}`, auditedKey(key), null);
          this.#changes.note(...this.#log.connectedKeys.outboxKeysOf(id));
          return true;
        },
      };
    });
  }
}
