/**
 * A hook in memory, kept what it is on disk: a commit that fails leaves neither changed. Null until the object has been
 * configured, and again once it is erased.
 */
import { Writability } from './writability.ts';
import { readOpenHook, type Clock, type OpenHook } from './open-hook.ts';

export class HookMemory {
  open: OpenHook | null = null;
  readonly writability = new Writability();
  readonly sql: SqlStorage;
  readonly #storage: DurableObjectStorage;
  readonly #clock: Clock;
  /** A write has failed: memory may be ahead of the disk. */
  #isStale = false;

  constructor(storage: DurableObjectStorage, clock: Clock) {
    this.sql = storage.sql;
    this.#storage = storage;
    this.#clock = clock;
  }

  /** Reads a hook that is on disk. */
  load(): OpenHook {
    this.open = readOpenHook(this.sql, this.#clock.nowMs(), this.writability);
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

  #reread(hook: OpenHook): void {
    const { tokens, queue } = hook;
    const again = readOpenHook(this.sql, this.#clock.nowMs(), this.writability, queue.claims, tokens);
    Object.assign(hook, again);
    this.#isStale = false;
  }
}
