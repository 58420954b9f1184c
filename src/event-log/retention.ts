/**
 * Takes from the log what is older than retention, or what exceeds its size: oldest first, in bounded steps, never what is
 * not counted yet, and as a rule nothing that a hook has pending or has not been offered. A round asks the hooks that may
 * hold something to delete there what has ended and to say what is pending (asking.ts), then deletes, then forgets
 * registrations that nothing refers to any more (forgetting.ts).
 *
 * No hook can stop it. One that cannot be asked, or does not take its events, holds back three rounds by age and no round by
 * size. What it has pending lies in its own rows and is delivered all the same; what it has not been offered by then is
 * lost to it.
 *
 * A round's state is in memory, but for how many have been held back: whatever it had not done when the object ended, the
 * next one does, and what it knew of pending deliveries is asked again.
 */
import type { PurgeStep } from '../hook/purge.ts';
import { Asking } from './asking.ts';
import type { FanOut } from './fan-out.ts';
import { Forgetting } from './forgetting.ts';
import type { OpenLog } from './open-log.ts';

export interface RetentionHost {
  limits(): RetentionLimits;
  /** See `AskingHost`. */
  purgeHook(hookId: number, beforeSeq: number, tellFrom: number | null): Promise<PurgeStep>;
  /** See `ForgettingHost`. */
  eraseHook(hookId: number): Promise<boolean>;
  /** Of the object, without pages that are free again. */
  databaseBytes(): number;
  /** There is more to do than before. */
  changed(): void;
}

export interface RetentionLimits {
  readonly retentionMs: number;
  readonly logMaxBytes: number;
  /** Above this the object has no room left for what is to come. */
  readonly objectMaxBytes: number;
  /** For one call to a hook. */
  readonly deadlineMs: number;
}

interface Round {
  /** `room`: the object is nearly full, and nobody is asked. */
  readonly cause: 'age' | 'size' | 'room';
  readonly startedMs: number;
  readonly startedBytes: number;
  /** Where events end that every hook has been offered, or has been given up on. */
  readonly ceilingSeq: number;
  readonly beforeSeq: number;
  /** Something older than retention stays, as a hook has not been offered it. */
  readonly isHeldBack: boolean;
  readonly asking: Asking;
  stage: 'hooks' | 'events' | 'registrations';
  nextSeq: number;
  forgetting: Forgetting | null;
}

/** A round by size asks no longer than this. */
const ASKING_MS = 60_000;
/** So many rounds by age are held back by hooks that cannot be asked or do not take their events. */
const HELD_BACK_MAX = 3;
const TURNS_PER_WAKE = 20;
const FAILURES_MAX = 5;
const RETRY_MIN_MS = 5_000;
/** A log that is full is brought down to this part of its size, so that this does not go on for each event. */
const ROOM_LEFT = 0.95;
/** When nothing could go, it is looked at again this much later. */
const FULL_PAUSE_MS = 600_000;

export class Retention {
  readonly #log: OpenLog;
  readonly #fanOut: FanOut;
  readonly #host: RetentionHost;
  #round: Round | null = null;
  #isAgeDue = false;
  #isFull = false;
  #isRunning = false;
  #failures = 0;
  #retryAtMs = 0;
  #fullAgainMs = 0;
  /** Where the next round for size begins, and how much more than needed it takes as the last ones found too little. */
  #roomFrom = 0;
  #roomFactor = 1;

  constructor(log: OpenLog, fanOut: FanOut, host: RetentionHost) {
    this.#log = log;
    this.#fanOut = fanOut;
    this.#host = host;
  }

  /** Asks for a round over what has become too old. */
  sweep(): void {
    this.#isAgeDue = true;
    this.#host.changed();
  }

  /** Is the log too large? Reads two numbers, so that it may be asked after every wake. */
  look(): void {
    if (this.#isFull) return;
    const { logMaxBytes } = this.#host.limits();
    const isPaused = Date.now() < this.#fullAgainMs && !this.#isCramped();
    this.#isFull = !isPaused && this.#host.databaseBytes() > logMaxBytes;
  }

  /** When there is something to do; Infinity: there is not. */
  dueMs(): number {
    const isDue = this.#round !== null || this.#isAgeDue || this.#isFull;
    if (!isDue || this.#isRunning) return Infinity;
    const askingMs = this.#round?.stage === 'hooks' ? this.#round.asking.dueMs() : 0;
    return Math.max(this.#retryAtMs, askingMs);
  }

  /** Goes on with what is due. Throws nothing. */
  async goOn(calls: number): Promise<void> {
    if (this.dueMs() > Date.now()) return;
    this.#isRunning = true;
    try {
      this.#round ??= this.#begin();
      if (await this.#advance(this.#round, calls)) this.#end(this.#round);
      this.#failures = 0;
      this.#retryAtMs = 0;
    } catch (error) {
      this.#failed(error);
    }
    this.#isRunning = false;
    this.#host.changed();
  }

  #begin(): Round {
    const log = this.#log;
    // Counters are made good from the log: what they do not hold on disk yet may not go.
    log.sources.counters.flush(Date.now());
    this.#fanOut.saveCounters();
    const cause = this.#isAgeDue ? 'age' : this.#isCramped() ? 'room' : 'size';
    this.#isAgeDue = false;
    const { neededFrom, fannedSeq } = this.#fanOut;
    const mayHoldBack = cause === 'age' && this.#heldBack() < HELD_BACK_MAX;
    const ceilingSeq = mayHoldBack ? neededFrom : fannedSeq + 1;
    const firstSeq = log.events.first()?.seq ?? ceilingSeq;
    const fromSeq = cause === 'size' ? Math.max(firstSeq, this.#roomFrom) : firstSeq;
    const wantedSeq =
      cause === 'age' ? this.#tooOldBefore(ceilingSeq) : this.#tooManyBefore(cause, fromSeq, ceilingSeq);
    const beforeSeq = Math.min(ceilingSeq, wantedSeq);
    return {
      cause,
      startedMs: Date.now(),
      startedBytes: this.#host.databaseBytes(),
      ceilingSeq,
      beforeSeq,
      isHeldBack: wantedSeq > neededFrom,
      asking: this.#askingBelow(beforeSeq),
      stage: cause === 'room' ? 'events' : 'hooks',
      nextSeq: fromSeq,
      forgetting: null,
    };
  }

  #askingBelow(beforeSeq: number): Asking {
    return new Asking(beforeSeq, {
      idsAfter: (hookId, limit) => this.#log.offered.idsAfter(hookId, limit),
      purgeHook: (...args) => this.#host.purgeHook(...args),
      reachedSeq: (hookId) => this.#fanOut.reachedSeq(hookId),
      nowMs: () => Date.now(),
      deadlineMs: this.#host.limits().deadlineMs,
    });
  }

  #tooOldBefore(ceilingSeq: number): number {
    const { events } = this.#log;
    return events.first() === null
      ? ceilingSeq
      : events.firstSeqSince(Date.now() - this.#host.limits().retentionMs);
  }

  /** As large a part of the places as of the bytes has to go; more, where the rounds before took too little. */
  #tooManyBefore(cause: 'size' | 'room', fromSeq: number, ceilingSeq: number): number {
    const part = this.#surplusBytes(cause) / this.#host.databaseBytes();
    const surplus = part * (cause === 'size' ? this.#roomFactor : 1);
    return fromSeq + Math.max(1, Math.ceil((ceilingSeq - fromSeq) * surplus));
  }

  /** What has to go; `age`: whatever is old enough. */
  #surplusBytes(cause: Round['cause']): number {
    if (cause === 'age') return Infinity;
    const { logMaxBytes, objectMaxBytes } = this.#host.limits();
    return this.#host.databaseBytes() - (cause === 'size' ? logMaxBytes : objectMaxBytes) * ROOM_LEFT;
  }

  /** True when the round has come to its end. */
  async #advance(round: Round, calls: number): Promise<boolean> {
    let left = calls;
    if (round.stage === 'hooks') {
      left = await round.asking.goOn(left);
      const isTooLong = round.cause === 'size' && Date.now() - round.startedMs > ASKING_MS;
      if (!round.asking.isDone && !isTooLong) return false;
      round.stage = round.cause === 'size' || this.#mayDelete(round) ? 'events' : 'registrations';
    }
    if (round.stage === 'events') {
      if (!(await this.#deleteEvents(round))) return false;
      if (round.cause !== 'age') return true;
      round.stage = 'registrations';
    }
    round.forgetting ??= this.#forgetting();
    return left > 0 && (await round.forgetting.goOn(left));
  }

  /** Counts a round by age that hooks have held back. */
  #mayDelete({ asking: { silent }, isHeldBack }: Round): boolean {
    const { tenant } = this.#log.ref;
    const before = this.#heldBack();
    const heldBack = silent > 0 || isHeldBack ? Math.min(HELD_BACK_MAX, before + 1) : 0;
    if (heldBack !== before) this.#log.saveHeldBack(heldBack);
    if (heldBack === 0) return true;
    const isHeld = before < HELD_BACK_MAX;
    console.error(isHeld ? 'retention is held back by hooks' : 'retention goes on without some hooks', {
      tenant,
      rounds: before + 1,
      silent,
      isHeldBack,
    });
    return silent === 0 || !isHeld;
  }

  #heldBack(): number {
    return this.#log.heldBack();
  }

  #isCramped(): boolean {
    return this.#host.databaseBytes() > this.#host.limits().objectMaxBytes;
  }

  /** True when what may go has gone. Other calls come in between the turns. */
  async #deleteEvents(round: Round): Promise<boolean> {
    const { untilSeq, kept } = round.asking;
    for (let turn = 0; turn < TURNS_PER_WAKE; turn += 1) {
      const surplusBytes = this.#surplusBytes(round.cause);
      const nextSeq = surplusBytes > 0 ? this.#log.purge(round.nextSeq, untilSeq, kept, surplusBytes) : null;
      if (nextSeq === null) return true;
      round.nextSeq = nextSeq;
      await scheduler.wait(0);
    }
    return false;
  }

  #forgetting(): Forgetting {
    const { retentionMs, deadlineMs } = this.#host.limits();
    const oldMs = Date.now() - retentionMs;
    const first = this.#log.events.first();
    const firstSeq = Math.min(first?.seq ?? Infinity, this.#fanOut.neededFrom);
    return new Forgetting(
      this.#log,
      { oldMs, firstSeq, firstAtMs: first?.recordedAtMs ?? oldMs },
      {
        eraseHook: (hookId) => this.#host.eraseHook(hookId),
        isLagging: (hookId) => this.#fanOut.isLagging(hookId),
        deadlineMs,
      },
    );
  }

  #end(round: Round): void {
    this.#round = null;
    if (round.cause === 'age') return;
    const { tenant } = this.#log.ref;
    const bytes = this.#host.databaseBytes();
    const { logMaxBytes } = this.#host.limits();
    if (round.beforeSeq > this.#fanOut.neededFrom || round.cause === 'room')
      console.error('the log had no room for events that hooks still had to take or have pending', {
        tenant,
        bytes,
        beforeSeq: round.beforeSeq,
      });
    this.#isFull = bytes > logMaxBytes * ROOM_LEFT;
    const isAllTried = round.asking.untilSeq < round.beforeSeq || round.beforeSeq >= round.ceilingSeq;
    if (this.#isFull && round.cause === 'size' && !isAllTried) {
      this.#roomFrom = round.beforeSeq;
      // It took too little, unless as much has come in meanwhile.
      if (bytes <= round.startedBytes) this.#roomFactor *= 2;
      return;
    }
    if (bytes > logMaxBytes && round.cause === 'size') {
      this.#fullAgainMs = Date.now() + FULL_PAUSE_MS;
      console.error('the log is larger than LOG_MAX_BYTES and nothing in it has ended', { tenant, bytes });
    }
    this.#isFull = false;
    this.#roomFrom = 0;
    this.#roomFactor = 1;
  }

  #failed(error: unknown): void {
    this.#failures += 1;
    this.#retryAtMs = Date.now() + RETRY_MIN_MS * 2 ** (this.#failures - 1);
    console.warn('retention goes on later', {
      tenant: this.#log.ref.tenant,
      failures: this.#failures,
      error: String(error),
    });
    if (this.#failures < FAILURES_MAX) return;
    console.error('retention gave up until it is next asked for', { tenant: this.#log.ref.tenant });
    this.#round = null;
    this.#isFull = false;
    this.#fullAgainMs = Date.now() + FULL_PAUSE_MS;
    this.#failures = 0;
    this.#retryAtMs = 0;
  }
}
