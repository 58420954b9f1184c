/**
 * Brings hooks that lag what they have missed, each from its own place on and at its own pace, beside the rounds of the
 * fan-out, which nothing here waits for. After a failure a hook waits, longer each time; then it is first asked by a call
 * without events, so that one which hangs again holds none of them in memory.
 */
import type { StoredEvent } from '../core/stored-event.ts';
import type { HookCall, HookCalls } from './hook-calls.ts';
import { LAG_WAIT_MAX_MS, type Callable, type Lag, type Laggards } from './laggards.ts';
import type { Wishes } from './wishes.ts';

export const LAG_WAIT_MIN_MS = 1_000;
/** While calls are under way the log wakes this often, should the process end over them. */
const LOOK_AGAIN_MS = 60_000;
/** Parts of the log without an event for the hook that are passed in one go. */
const PARTS_PASSED = 10;

export interface CatchingUpHost {
  enqueue(hookId: number, events: readonly StoredEvent[]): Promise<void>;
  nowMs(): number;
  /** The place up to which the hooks around this one have been served. */
  targetOf(hookId: number): number;
  /** The next events from `fromSeq` to `toSeq` that fit into a call. */
  range(fromSeq: number, toSeq: number): StoredEvent[];
  /** There is more to do than before. */
  changed(): void;
}

export class CatchingUp {
  readonly #laggards: Laggards;
  readonly #calls: HookCalls;
  readonly #wishes: Wishes;
  readonly #host: CatchingUpHost;

  constructor(laggards: Laggards, calls: HookCalls, wishes: Wishes, host: CatchingUpHost) {
    this.#laggards = laggards;
    this.#calls = calls;
    this.#wishes = wishes;
    this.#host = host;
  }

  /** When there is something to do; Infinity: there is not. */
  dueMs(): number {
    const nowMs = this.#host.nowMs();
    const { givenUpMs } = this.#calls;
    const lookMs = givenUpMs === Infinity ? Infinity : Math.min(givenUpMs, nowMs + LOOK_AGAIN_MS);
    const nextMs = this.#calls.hasRoom(false)
      ? this.#laggards.nextDueMs(() => this.#callable(), nowMs)
      : Infinity;
    return Math.min(nextMs, lookMs);
  }

  /** Begins with those that are due. Returns how many calls that takes, of `limit`. */
  start(limit: number): number {
    this.#calls.giveUp();
    if (this.dueMs() > this.#host.nowMs()) return 0;
    let calls = 0;
    for (const lag of this.#laggards.due(this.#callable(), this.#host.nowMs(), limit)) {
      const isSuspect = lag.failures > 0;
      if (calls >= limit || !this.#calls.hasRoom(isSuspect)) break;
      const isAsked = isSuspect || !this.#calls.hasRoomUnasked;
      calls += isAsked ? 2 : 1;
      this.#begin(lag.hookId, isSuspect, isAsked);
    }
    return calls;
  }

  /** What a call to a hook that lags has come to. */
  readonly ended = ({ hookId, end }: HookCall): void => {
    this.#laggards.changed();
    const lag = this.#laggards.get(hookId);
    if (lag === null || end === null) return;
    if ('error' in end) this.#failed(lag, end.error);
    else if (end.reachedSeq >= this.#host.targetOf(hookId)) this.#laggards.drop(hookId);
    else {
      const retryAtMs = this.#host.nowMs();
      this.#laggards.save({ hookId, nextSeq: end.reachedSeq + 1, failures: 0, retryAtMs });
    }
    this.#host.changed();
  };

  #begin(hookId: number, isSuspect: boolean, isAsked: boolean): void {
    this.#calls.start({ hookId, bytes: 0, isSuspect }, this.ended, async (call) => {
      if (isAsked) await this.#host.enqueue(hookId, []);
      if (!this.#calls.isCurrent(call)) throw new Error('given up');
      const { events, reachedSeq } = this.#nextFor(hookId);
      this.#calls.hold(call, bytesOf(events));
      if (events.length > 0) await this.#host.enqueue(hookId, events);
      return reachedSeq;
    });
    this.#laggards.changed();
  }

  /** The next events that the hook wanted, and the place up to which it then has everything. */
  #nextFor(hookId: number): { events: StoredEvent[]; reachedSeq: number } {
    const targetSeq = this.#host.targetOf(hookId);
    let reachedSeq = (this.#laggards.get(hookId)?.nextSeq ?? targetSeq + 1) - 1;
    for (let parts = 0; parts < PARTS_PASSED && reachedSeq < targetSeq; parts += 1) {
      const part = this.#host.range(reachedSeq + 1, targetSeq);
      const events = this.#wishes.wanted(hookId, part.filter(isToBeSent));
      reachedSeq = part.at(-1)?.seq ?? targetSeq;
      if (events.length > 0) return { events, reachedSeq };
    }
    return { events: [], reachedSeq };
  }

  #failed({ hookId, nextSeq, failures: before }: Lag, error: unknown): void {
    const failures = before + 1;
    const waitMs = Math.min(LAG_WAIT_MAX_MS, LAG_WAIT_MIN_MS * 2 ** (failures - 1));
    console.warn('hook still does not take its events', { hookId, failures, error: String(error) });
    this.#laggards.save({ hookId, nextSeq, failures, retryAtMs: this.#host.nowMs() + waitMs });
  }

  #callable(): Callable {
    return { except: this.#calls.hookIds, withFailed: this.#calls.hasRoom(true) };
  }
}

/** What has been expunged is brought to nobody. */
export function isToBeSent({ kind }: StoredEvent): boolean {
  return kind !== 'expunged';
}

export function bytesOf(events: readonly StoredEvent[]): number {
  return events.reduce((sum, { raw, head }) => sum + raw.byteLength + head.length, 0);
}
