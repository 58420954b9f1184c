/**
 * The part of a round of retention in which hooks are asked: to delete what has ended of the events below a place, and to
 * say which of them are pending there. Each is asked by itself, side by side with others; one that fails or hangs is asked
 * again a few times and then passed over, so that it keeps no other from being asked.
 */
import type { PurgeStep } from '../hook/purge.ts';
import { withDeadline } from '../storage/deadline.ts';
import { retryAtMs, type Retry } from '../storage/retry.ts';

export interface AskingHost {
  /** Ids of up to `limit` hooks above this one that may hold something. */
  idsAfter(hookId: number, limit: number): number[];
  /** One step. `tellFrom`: what has ended is gone, and places from here on are to be told; null: not yet. */
  purgeHook(hookId: number, beforeSeq: number, tellFrom: number | null): Promise<PurgeStep>;
  /** The last place up to which this hook has been offered everything: what lies above it may still come. */
  reachedSeq(hookId: number): number;
  nowMs(): number;
  readonly deadlineMs: number;
}

const CALLS_AT_ONCE = 8;
/** Places remembered at a time; above the last of them everything stays until another round. */
const KEPT_MAX = 200_000;
const TRIES = 3;
const RETRY: Retry = { firstMs: 5_000, lastMs: 60_000 };
/** So many may wait for their next try; then these come first. */
const FAILING_MAX = 500;

interface Asked {
  /** The place from where it has still to tell what is pending; null: it has not deleted all yet. */
  readonly tellFrom: number | null;
  readonly failures: number;
  readonly nextMs: number;
}

export class Asking {
  readonly #beforeSeq: number;
  readonly #host: AskingHost;
  /** Places that are pending somewhere. */
  readonly kept = new Set<number>();
  /** Below this place all that is pending is in `kept`: lower than asked for when more is pending than can be remembered. */
  untilSeq: number;
  /** How many could not be asked. */
  silent = 0;
  #afterHook = 0;
  #isWalked = false;
  readonly #asked = new Map<number, Asked>();

  constructor(beforeSeq: number, host: AskingHost) {
    this.#beforeSeq = beforeSeq;
    this.untilSeq = beforeSeq;
    this.#host = host;
  }

  get isDone(): boolean {
    return this.#isWalked && this.#asked.size === 0;
  }

  /** When somebody is to be asked next. */
  dueMs(): number {
    if (!this.#isWalked && this.#asked.size < FAILING_MAX) return 0;
    let dueMs = Infinity;
    for (const { nextMs } of this.#asked.values()) dueMs = Math.min(dueMs, nextMs);
    return dueMs;
  }

  /** Asks those that are due. Throws nothing of what they throw. Returns how many of these calls are left. */
  async goOn(calls: number): Promise<number> {
    let left = calls;
    while (left > 0) {
      const hooks = this.#next(Math.min(left, CALLS_AT_ONCE));
      if (hooks.length === 0) break;
      left -= hooks.length;
      await Promise.all(hooks.map(([hookId, asked]) => this.#ask(hookId, asked)));
    }
    return left;
  }

  #next(limit: number): [number, Asked][] {
    const nowMs = this.#host.nowMs();
    const due = [...this.#asked].filter(([, { nextMs }]) => nextMs <= nowMs).slice(0, limit);
    const room = Math.min(limit - due.length, FAILING_MAX - this.#asked.size);
    if (room <= 0 || this.#isWalked) return due;
    const hookIds = this.#host.idsAfter(this.#afterHook, room);
    this.#isWalked = hookIds.length < room;
    this.#afterHook = hookIds.at(-1) ?? this.#afterHook;
    const fresh = hookIds.map((id): [number, Asked] => [id, { tellFrom: null, failures: 0, nextMs: 0 }]);
    for (const [hookId, asked] of fresh) this.#asked.set(hookId, asked);
    return [...due, ...fresh];
  }

  async #ask(hookId: number, { tellFrom, failures }: Asked): Promise<void> {
    const { deadlineMs } = this.#host;
    // What it has not been offered yet it may not take for something that it had and has deleted.
    const beforeSeq = Math.min(this.#beforeSeq, this.#host.reachedSeq(hookId) + 1);
    let step: PurgeStep;
    try {
      step = await withDeadline(this.#host.purgeHook(hookId, beforeSeq, tellFrom), deadlineMs);
    } catch (error) {
      this.#failed(hookId, { tellFrom, failures: failures + 1, nextMs: 0 }, error);
      return;
    }
    const { isDone, pending, pendingFrom } = step;
    if (isDone) this.#keep(pending);
    if (isDone && (pendingFrom === null || pendingFrom >= this.untilSeq)) this.#asked.delete(hookId);
    else this.#asked.set(hookId, { tellFrom: isDone ? pendingFrom : null, failures: 0, nextMs: 0 });
  }

  #failed(hookId: number, asked: Asked, error: unknown): void {
    const { failures } = asked;
    if (failures < TRIES) {
      const nextMs = retryAtMs(RETRY, failures, this.#host.nowMs());
      this.#asked.set(hookId, { ...asked, nextMs });
      return;
    }
    console.warn('hook says nothing of what it holds', { hookId, failures, error: String(error) });
    this.#asked.delete(hookId);
    this.silent += 1;
  }

  /** Notes what is pending at a hook, as far as so much can be remembered. */
  #keep(pending: readonly number[]): void {
    const { kept } = this;
    for (const seq of pending) if (seq < this.untilSeq) kept.add(seq);
    if (kept.size <= KEPT_MAX) return;
    const places = [...kept].sort((a, b) => a - b);
    this.untilSeq = places[KEPT_MAX] ?? this.untilSeq;
    for (const seq of places.slice(KEPT_MAX)) kept.delete(seq);
  }
}
