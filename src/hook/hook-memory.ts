/**
 * A hook in memory, kept what it is on disk: a commit that fails leaves neither changed. Null until the object has been
 * configured, and again once it is erased.
 */
import { NO_KEYS, type KeyRing } from '../core/sealing.ts';
import type { HookRegistration } from '../core/hook-registration.ts';
import type { TenantRef } from '../registry/address.ts';
import type { AccessTokens } from './access-tokens.ts';
import { assign } from './assignment.ts';
import type { Claims } from './claims.ts';
import { Writability } from './writability.ts';
import { Reports } from './reports.ts';
import { readOpenHook, type Clock, type OpenHook } from './open-hook.ts';

export class HookMemory {
  open: OpenHook | null = null;
  readonly writability = new Writability();
  readonly reports: Reports;
  readonly sql: SqlStorage;
  readonly #storage: DurableObjectStorage;
  readonly #clock: Clock;
  readonly #keys: () => KeyRing;
  readonly #isHeard: () => boolean;
  readonly #queued: () => void;
  /** A write has failed: memory may be ahead of the disk. */
  #isStale = false;

  /**
   * `keys`: by which its secrets are sealed; `isHeard`: see `OpenHook`; `queued`: what was handed over has come to lie
   * here, and the log may forget it.
   */
  constructor(
    storage: DurableObjectStorage,
    clock: Clock,
    keys: () => KeyRing = () => NO_KEYS,
    isHeard = () => false,
    queued: () => void = () => undefined,
  ) {
    this.sql = storage.sql;
    this.reports = new Reports(storage.sql);
    this.#storage = storage;
    this.#clock = clock;
    this.#keys = keys;
    this.#isHeard = isHeard;
    this.#queued = queued;
  }

  /** Reads a hook that is on disk. `underWay`: what is in flight though the object was not in memory. */
  load(underWay?: Claims): OpenHook {
    this.open = this.#read(underWay);
    this.reports.restore(this.open);
    return this.open;
  }

  /** Throws while it is not configured. All that has come in has a row from here on. */
  opened(): OpenHook {
    const hook = this.current();
    if (hook.queue.passing.write()) this.#queued();
    return hook;
  }

  /** For who looks and changes nothing: where storage fails, without what can have no row. */
  seen(): OpenHook {
    try {
      return this.opened();
    } catch {
      return this.current();
    }
  }

  /** The same, null while it is not configured. */
  seenIfAny(): OpenHook | null {
    return this.open === null ? null : this.seen();
  }

  /** As it stands: some of what has come in may have no row. Throws while it is not configured. */
  current(): OpenHook {
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
    return this.#commit(this.opened(), work);
  }

  /** The same with what has rows alone: what has come in may not get any until there is room. */
  commitBeside<T>(work: (hook: OpenHook) => T): T {
    return this.#commit(this.current(), work);
  }

  #commit<T>(hook: OpenHook, work: (hook: OpenHook) => T): T {
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
    const nowMs = this.#clock.nowMs();
    return readOpenHook(this.sql, nowMs, this.#isHeard, this.writability, claims, tokens, this.#keys());
  }

  #reread(hook: OpenHook): void {
    const { tokens, queue } = hook;
    Object.assign(hook, this.#read(queue.claims, tokens));
    this.#isStale = false;
  }
}
