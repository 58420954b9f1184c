/**
 * How a registration is changed, so that a call which fails has changed nothing:
 *
 * 1. one commit notes under which keys something is about to be told;
 * 2. KV, and for a hook its object, are told what is to be;
 * 3. one commit makes it so, and deletes the notes.
 *
 * What fails, or dies, before the last commit leaves the notes: under each of them what stands is told again, until it has
 * been. Until the last commit nothing in the log shows the change. Of the same registration one change at a time.
 */
import { TENANT_GONE } from '../registry/address.ts';
import { KeyedLocks } from '../storage/keyed-locks.ts';
import { Outbox } from './outbox.ts';

/** With the calls of the fan-out below the 50 subrequests that the smallest plan allows an invocation. */
const OUTBOX_KEYS_PER_WAKE = 8;

export interface Plan<T> {
  /** Under these it is told. */
  readonly keys: readonly string[];
  /** Tells, under one of them, what is to be. */
  tell(key: string): Promise<void>;
  /** Makes it so, and says what was made. */
  commit(): T;
  /** Of the keys those under which there is more to tell when it has been made so. */
  readonly left?: readonly string[];
}

/** Nothing is to be changed: this is the answer. */
export interface Instead<R> {
  readonly instead: R;
}

export interface ChangesHost {
  /** Tells, under a key, what stands. */
  tellPresent(key: string): Promise<void>;
  /** There is more to do than before. */
  changed(): void;
  /** False from the moment the log is closed on: nothing is told any more. */
  isOpen(): boolean;
}

export class Changes {
  readonly #storage: DurableObjectStorage;
  readonly #abort: (reason: string) => void;
  readonly #host: ChangesHost;
  readonly #outbox: Outbox;
  readonly #locks = new KeyedLocks();

  constructor(ctx: DurableObjectState, host: ChangesHost) {
    this.#storage = ctx.storage;
    this.#abort = (reason) => ctx.abort(reason);
    this.#host = host;
    this.#outbox = new Outbox(ctx.storage.sql, {
      tell: (key) => this.#locks.run([key], () => this.#tellNoted(key)),
      nowMs: () => Date.now(),
    });
    this.#outbox.orphaned();
  }

  /** When there is something to tell; Infinity: there is not. */
  dueMs(): number {
    return this.#outbox.dueMs();
  }

  /** Tells some of what is due. Throws nothing: what could not be told stays. */
  async flush(): Promise<void> {
    try {
      if (this.dueMs() > Date.now()) return;
      await this.#outbox.flushDue(OUTBOX_KEYS_PER_WAKE);
      this.#host.changed();
    } catch (error) {
      // Storage failed: the next wake asks again.
      console.error('outbox flush failed', { error: String(error) });
    }
  }

  /** Tells what is noted under this key, if anything; throws when it could not be. */
  async tell(key: string): Promise<void> {
    await this.#outbox.flush(key);
  }

  /** From within a commit: there is this to tell as well, when it has been made so. */
  note(...keys: readonly string[]): void {
    this.#outbox.add(...keys);
  }

  /** How many keys that begin so are noted. */
  countNoted(prefix: string): number {
    return this.#outbox.count(prefix);
  }

  isNoted(key: string): boolean {
    return this.#outbox.has(key);
  }

  /** Returns when nothing is being changed or told any more. */
  async settled(): Promise<void> {
    await this.#locks.settled();
    await this.#outbox.settled();
  }

  /** Changes a registration that is told under this key, if not only. `prepare` is asked when no other change of it is under way. */
  make<T, R>(about: string, prepare: () => Plan<T> | Instead<R>): Promise<T | R> {
    return this.#locks.run<T | R>([about], async () => {
      const plan = prepare();
      if ('instead' in plan) return plan.instead;
      const others = plan.keys.filter((key) => key !== about);
      return this.#locks.run(others, () => {
        this.#write(() => {
          this.#outbox.add(...plan.keys);
        });
        return this.#carryOut<T>(plan);
      });
    });
  }

  /**
   * The same of something new. `recheck` says, before it is made so, why it may not be any more; null: it may.
   */
  makeNew<T, R>(reserve: () => Plan<T>, recheck: () => R | null): Promise<T | R> {
    const plan = this.#write(() => {
      const reserved = reserve();
      this.#outbox.add(...reserved.keys);
      return reserved;
    });
    // In the turn of the note: until now nobody else could tell anything under these keys.
    return this.#locks.run(plan.keys, () => this.#carryOut(plan, recheck));
  }

  async #carryOut<T, R = never>(plan: Plan<T>, recheck: () => R | null = () => null): Promise<T | R> {
    const { keys } = plan;
    const told = await Promise.allSettled(
      keys.map(async (key) => {
        this.#checkOpen();
        await plan.tell(key);
      }),
    );
    const failed = told.find((telling) => telling.status === 'rejected');
    if (failed !== undefined) {
      await this.#takeBack(keys.filter((_key, at) => told[at]?.status === 'fulfilled'));
      throw failed.reason;
    }
    this.#checkOpen();
    const refused = recheck();
    if (refused !== null) return refused;
    const left = new Set(plan.left);
    return this.#write(() => {
      const made = plan.commit();
      this.#outbox.remove(...keys.filter((key) => !left.has(key)));
      return made;
    });
  }

  /** Tells what stands where what was to be has been told. What cannot be told now stays noted. */
  async #takeBack(keys: readonly string[]): Promise<void> {
    await Promise.allSettled(
      keys.map(async (key) => {
        await this.#host.tellPresent(key);
        this.#outbox.remove(key);
      }),
    );
  }

  async #tellNoted(key: string): Promise<void> {
    // A change of it may have ended meanwhile.
    if (!this.#outbox.has(key)) return;
    this.#checkOpen();
    await this.#host.tellPresent(key);
  }

  /** What began before the log closed ends before anything is erased; nothing begins after. */
  #checkOpen(): void {
    if (!this.#host.isOpen()) throw new Error(TENANT_GONE);
  }

  /** A statement that fails leaves the disk as it was but perhaps not memory: the object then starts over from the disk. */
  #write<T>(change: () => T): T {
    let changed: T;
    try {
      changed = this.#storage.transactionSync(change);
    } catch (error) {
      this.#abort(`registration change failed: ${String(error)}`);
      throw error;
    }
    this.#host.changed();
    return changed;
  }
}
