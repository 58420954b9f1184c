/**
 * The calls that hand events to hooks: never two to the same hook. A call that hangs stays under way, whoever waits for
 * it no longer, until it comes back or is given up; so hooks that hang cost a call each, however many events come.
 */

/** A call is given up after this: where it was sent, nobody may know of it any more. */
const GIVEN_UP_AFTER_MS = 5 * 60_000;
/** Hooks whose last call failed are called so many at a time: those among them that hang must leave room for others. */
const SUSPECTS_UNDER_WAY = 100;
/** Beyond either, hooks wait for calls to end. */
const CALLS_UNDER_WAY = 1_000;
const BYTES_UNDER_WAY = 32_000_000;
/** From here on events go to those hooks alone that have just answered a call without any. */
const BYTES_UNASKED = 16_000_000;
/** Longer is slow, and is not waited for. */
export const PROMPT_WITHIN_MS = 100;
const SLOW_REMEMBERED = 1_000;

export interface HookCall {
  readonly hookId: number;
  /** Of the events that it holds. */
  bytes: number;
  /** The hook's last call failed. */
  readonly isSuspect: boolean;
  startedMs: number;
  /** `reachedSeq`: the hook has everything up to there. null: the call is under way. */
  end: { readonly reachedSeq: number } | { readonly error: unknown } | null;
  onEnd: (call: HookCall) => void;
}

export class HookCalls {
  readonly #nowMs: () => number;
  /** By hook, the oldest first. */
  readonly #underWay = new Map<number, HookCall>();
  /** Hooks that took long the last time, and how many times in a row. */
  readonly #slow = new Map<number, number>();
  #suspects = 0;
  #bytes = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** `work` gives the place that the hook has then reached. */
  start(
    { hookId, bytes, isSuspect }: Pick<HookCall, 'hookId' | 'bytes' | 'isSuspect'>,
    onEnd: HookCall['onEnd'],
    work: (call: HookCall) => Promise<number>,
  ): HookCall {
    if (this.#underWay.has(hookId)) throw new Error(`a call to hook ${hookId} is under way`);
    const call: HookCall = { hookId, bytes, isSuspect, startedMs: this.#nowMs(), end: null, onEnd };
    this.#underWay.set(hookId, call);
    this.#bytes += bytes;
    if (isSuspect) this.#suspects += 1;
    work(call).then(
      (reachedSeq) => {
        this.#ended(call, { reachedSeq });
      },
      (error: unknown) => {
        this.#ended(call, { error });
      },
    );
    return call;
  }

  /** The call holds events of so many bytes from now on. */
  hold(call: HookCall, bytes: number): void {
    this.#bytes += bytes - call.bytes;
    call.bytes = bytes;
  }

  isUnderWay(hookId: number): boolean {
    return this.#underWay.has(hookId);
  }

  /** Nobody has given it up. */
  isCurrent(call: HookCall): boolean {
    return this.#underWay.get(call.hookId) === call;
  }

  /** It has taken long more than once in a row: waiting for it once more would be in vain. */
  isSlow(hookId: number): boolean {
    return (this.#slow.get(hookId) ?? 0) > 1;
  }

  get hookIds(): number[] {
    return [...this.#underWay.keys()];
  }

  /** May events be sent to a hook of which nobody knows whether it answers? */
  get hasRoomUnasked(): boolean {
    return this.#underWay.size < CALLS_UNDER_WAY && this.#bytes < BYTES_UNASKED;
  }

  /** May another call begin? `isSuspect`: to a hook whose last one failed. */
  hasRoom(isSuspect: boolean): boolean {
    if (isSuspect && this.#suspects >= SUSPECTS_UNDER_WAY) return false;
    return this.#underWay.size < CALLS_UNDER_WAY && this.#bytes < BYTES_UNDER_WAY;
  }

  /** When the oldest is to be given up; Infinity: there is none. */
  get givenUpMs(): number {
    for (const { startedMs } of this.#underWay.values()) return startedMs + GIVEN_UP_AFTER_MS;
    return Infinity;
  }

  /** Gives up what has been under way for too long. What comes back of it later changes nothing here. */
  giveUp(): void {
    const nowMs = this.#nowMs();
    for (const call of this.#underWay.values()) {
      // A clock that was set back makes no wait longer.
      call.startedMs = Math.min(call.startedMs, nowMs);
      if (nowMs - call.startedMs >= GIVEN_UP_AFTER_MS) this.#ended(call, { error: new Error('no answer') });
    }
  }

  #ended(call: HookCall, end: NonNullable<HookCall['end']>): void {
    if (!this.isCurrent(call)) return;
    this.#underWay.delete(call.hookId);
    this.#bytes -= call.bytes;
    if (call.isSuspect) this.#suspects -= 1;
    call.end = end;
    this.#noteSpeed(call);
    try {
      call.onEnd(call);
    } catch (error) {
      // What could not be written down is as before: the call is made again.
      console.error('the end of a call to a hook could not be noted', {
        hookId: call.hookId,
        error: String(error),
      });
    }
  }

  #noteSpeed({ hookId, startedMs }: HookCall): void {
    const isSlow = this.#nowMs() - startedMs > PROMPT_WITHIN_MS;
    const times = this.#slow.get(hookId) ?? 0;
    this.#slow.delete(hookId);
    if (!isSlow) return;
    // In the order in which they were last slow.
    this.#slow.set(hookId, times + 1);
    for (const oldest of this.#slow.keys()) {
      if (this.#slow.size <= SLOW_REMEMBERED) break;
      this.#slow.delete(oldest);
    }
  }
}
