/**
 * A hook in memory, kept what it is on disk: a commit that fails leaves neither changed. Null until the object has been
 * configured, and again once it is erased.
 */
import { NO_KEYS, type KeyRing } from '../core/sealing.ts';
import type { HookRegistration } from '../event-log/hooks.ts';
import type { TenantRef } from '../registry/address.ts';
import type { AccessTokens } from './access-tokens.ts';
import { assign } from './assignment.ts';
import type { Claims } from './claims.ts';
import { Writability } from './writability.ts';
import { readOpenHook, type Clock, type OpenHook } from './open-hook.ts';

export class HookMemory {
  open: OpenHook | null = null;
  readonly writability = new Writability();
  readonly sql: SqlStorage;
  readonly #storage: DurableObjectStorage;
  readonly #clock: Clock;
  readonly #keys: () => KeyRing;
  /** A write has failed: memory may be ahead of the disk. */
  #isStale = false;

  /** `keys`: by which its secrets are sealed. */
  constructor(storage: DurableObjectStorage, clock: Clock, keys: () => KeyRing = () => NO_KEYS) {
    this.sql = storage.sql;
    this.#storage = storage;
    this.#clock = clock;
    this.#keys = keys;
  }

  /** Reads a hook that is on disk. */
  load(): OpenHook {
    this.open = this.#read();
    return this.open;
  }

  /** Throws while it is not configured. */
  opened(): OpenHook {
    if (this.open === null) throw new Error('hook: expected to be configured');
    this.refresh();
    return this.open;
  }

  /** Reads anew what may be ahead of the disk. */
  refresh(): void {
    if (this.open !== null && this.#isStale) this.#reread(this.open);
  }

  /** All that `work` writes, or nothing: when it fails memory goes back to what is on disk. */
  commit<T>(work: (hook: OpenHook) => T): T {
    const hook = this.opened();
    try {
      const result = this.#storage.transactionSync(() => work(hook));
      this.writability.isProven = true;
      return result;
    } catch (error) {
      this.#isStale = true;
      this.#reread(hook);
      throw error;
    }
  }

  /** Hands a new hook its first registration. The tables must be there. */
  assign(ref: TenantRef, registration: HookRegistration): void {
    assign(this.sql, ref, registration, this.#keys());
  }

  #read(claims?: Claims, tokens?: AccessTokens): OpenHook {
    return readOpenHook(this.sql, this.#clock.nowMs(), this.writability, claims, tokens, this.#keys());
  }

  #reread(hook: OpenHook): void {
    const { tokens, queue } = hook;
    Object.assign(hook, this.#read(queue.claims, tokens));
    this.#isStale = false;
  }
}
