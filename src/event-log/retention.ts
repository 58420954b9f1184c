/**
 * Takes from the log what is older than retention, or what exceeds its size: oldest first, in bounded steps, never what a
 * hook has pending, has not been offered yet, or is not counted yet. A round asks every hook to do the same in its queue
 * and to say what is pending there, then deletes, then forgets registrations that nothing refers to any more.
 *
 * A round's state is in memory: whatever it had not done when the object ended, the next one does, and what it
 * knew of pending deliveries is asked again.
 */
import type { PurgeStep } from '../hook/purge.ts';
import { withDeadline } from '../storage/deadline.ts';
import type { FanOut } from './fan-out.ts';
import type { OpenLog } from './open-log.ts';

export interface RetentionHost {
  limits(): { readonly retentionMs: number; readonly logMaxBytes: number };
  /** One step. `tellFrom`: what has ended is gone, and places from here on are to be told; null: not yet. */
  purgeHook(hookId: number, beforeSeq: number, tellFrom: number | null): Promise<PurgeStep>;
  /** Leaves nothing of a deleted hook. False: it has still to be told something. */
  eraseHook(hookId: number): Promise<boolean>;
  /** Of the object, without pages that are free again. */
  databaseBytes(): number;
  /** There is more to do than before. */
  changed(): void;
}

interface Round {
  readonly cause: 'age' | 'size';
  readonly fromSeq: number;
  /** What the hooks purge. */
  readonly beforeSeq: number;
  /** What the log does: lower when more is pending than can be remembered. */
  untilSeq: number;
  /** Places below it that are pending somewhere. */
  readonly kept: Set<number>;
  afterHook: number;
  /** Hooks that are not done, each with the place from where it has still to tell what is pending; null: from all. */
  readonly asking: Map<number, number | null>;
  stage: 'hooks' | 'events' | 'registrations';
  nextSeq: number;
}

const CALLS_AT_ONCE = 8;
const CALL_DEADLINE_MS = 10_000;
const TURNS_PER_WAKE = 20;
/** Places remembered at a time; above the last of them everything stays until another round. */
const KEPT_MAX = 200_000;
const FAILURES_MAX = 5;
const RETRY_MIN_MS = 5_000;
/** A log that is full is brought down to this part of its size, so that this does not go on for each event. */
const ROOM_LEFT = 0.95;
/** When nothing could go, it is looked at again this much later. */
const FULL_PAUSE_MS = 600_000;
const FORGOTTEN_AT_ONCE = 100;

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
    if (this.#isFull || Date.now() < this.#fullAgainMs) return;
    this.#isFull = this.#host.databaseBytes() > this.#host.limits().logMaxBytes;
  }

  /** When there is something to do; Infinity: there is not. */
  dueMs(): number {
    const isDue = this.#round !== null || this.#isAgeDue || this.#isFull;
    return isDue && !this.#isRunning ? this.#retryAtMs : Infinity;
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
    log.sources.flush(Date.now());
    this.#fanOut.saveCounters();
    const cause = this.#isAgeDue ? 'age' : 'size';
    this.#isAgeDue = false;
    const { neededFrom } = this.#fanOut;
    const firstSeq = log.events.first()?.seq ?? neededFrom;
    const fromSeq = cause === 'age' ? firstSeq : Math.max(firstSeq, this.#roomFrom);
    const beforeSeq = Math.min(
      neededFrom,
      cause === 'age' ? this.#tooOldBefore(neededFrom) : this.#tooManyBefore(fromSeq, neededFrom),
    );
    return {
      cause,
      fromSeq,
      beforeSeq,
      untilSeq: beforeSeq,
      kept: new Set(),
      afterHook: 0,
      asking: new Map(),
      // A log that has not come of age has nothing to ask for.
      stage: beforeSeq <= 1 ? 'registrations' : 'hooks',
      nextSeq: fromSeq,
    };
  }

  #tooOldBefore(neededFrom: number): number {
    const { events } = this.#log;
    return events.first() === null
      ? neededFrom
      : events.firstSeqSince(Date.now() - this.#host.limits().retentionMs);
  }

  /** As large a part of the places as of the bytes has to go; more, where the rounds before took too little. */
  #tooManyBefore(fromSeq: number, neededFrom: number): number {
    const bytes = this.#host.databaseBytes();
    const surplus = (bytes - this.#host.limits().logMaxBytes * ROOM_LEFT) / bytes;
    return fromSeq + Math.max(1, Math.ceil((neededFrom - fromSeq) * surplus * this.#roomFactor));
  }

  /** True when the round has come to its end. */
  async #advance(round: Round, calls: number): Promise<boolean> {
    let left = calls;
    if (round.stage === 'hooks') {
      left = await this.#askHooks(round, left);
      if (round.asking.size > 0 || left === 0) return false;
      round.stage = 'events';
    }
    if (round.stage === 'events') {
      if (!(await this.#deleteEvents(round))) return false;
      if (round.cause === 'size') return true;
      round.stage = 'registrations';
    }
    return this.#forgetRegistrations(left);
  }

  /** Asks hooks to purge, and what they have pending. Returns how many calls are left; 0: there may be more to ask. */
  async #askHooks(round: Round, calls: number): Promise<number> {
    let left = calls;
    while (left > 0) {
      if (round.asking.size === 0) {
        const hookIds = this.#log.hooks.idsAfter(round.afterHook, CALLS_AT_ONCE);
        if (hookIds.length === 0) return left;
        for (const hookId of hookIds) round.asking.set(hookId, null);
        round.afterHook = Math.max(...hookIds);
      }
      const asked = [...round.asking].slice(0, left);
      left -= asked.length;
      await Promise.all(asked.map(([hookId, tellFrom]) => this.#askHook(round, hookId, tellFrom)));
    }
    return left;
  }

  async #askHook(round: Round, hookId: number, tellFrom: number | null): Promise<void> {
    const call = this.#host.purgeHook(hookId, round.beforeSeq, tellFrom);
    const { isDone, pending, pendingFrom } = await withDeadline(call, CALL_DEADLINE_MS);
    if (!isDone) return;
    keep(round, pending);
    if (pendingFrom === null || pendingFrom >= round.untilSeq) round.asking.delete(hookId);
    else round.asking.set(hookId, pendingFrom);
  }

  /** True when what may go has gone. Other calls come in between the turns. */
  async #deleteEvents(round: Round): Promise<boolean> {
    for (let turn = 0; turn < TURNS_PER_WAKE; turn += 1) {
      const nextSeq = this.#log.purge(round.nextSeq, round.untilSeq, round.kept);
      if (nextSeq === null) return true;
      round.nextSeq = nextSeq;
      await scheduler.wait(0);
    }
    return false;
  }

  /** Forgets what no event that is left refers to. True when that was all. */
  async #forgetRegistrations(calls: number): Promise<boolean> {
    const { hooks, sources, keys, answers, events } = this.#log;
    const nowMs = Date.now();
    const oldMs = nowMs - this.#host.limits().retentionMs;
    const first = events.first();
    const firstSeq = Math.min(first?.seq ?? Infinity, this.#fanOut.neededFrom);
    for (const hookId of hooks.forgettable(oldMs, firstSeq, calls)) {
      // One that has still to be told something waits for the next round.
      if (this.#fanOut.isLagging(hookId) || !(await this.#host.eraseHook(hookId))) continue;
      hooks.forget(hookId);
    }
    answers.forgetOld(nowMs);
    const isAll = hooks.wishes.forgetBefore(firstSeq);
    keys.forgetRevoked(oldMs);
    const named = hooks.namedSources();
    for (const id of sources.deletedBefore(Math.min(oldMs, first?.recordedAtMs ?? oldMs), FORGOTTEN_AT_ONCE))
      if (!named.has(id)) sources.forget(id);
    return isAll;
  }

  #end(round: Round): void {
    this.#round = null;
    if (round.cause === 'age') return;
    const { logMaxBytes } = this.#host.limits();
    this.#isFull = this.#host.databaseBytes() > logMaxBytes * ROOM_LEFT;
    const isAllTried = round.untilSeq < round.beforeSeq || round.beforeSeq >= this.#fanOut.neededFrom;
    if (this.#isFull && !isAllTried) {
      this.#roomFrom = round.beforeSeq;
      this.#roomFactor *= 2;
      return;
    }
    if (this.#isFull && this.#host.databaseBytes() > logMaxBytes) {
      this.#fullAgainMs = Date.now() + FULL_PAUSE_MS;
      console.error('the log is larger than LOG_MAX_BYTES and nothing in it has ended', {
        tenant: this.#log.ref.tenant,
        bytes: this.#host.databaseBytes(),
      });
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

/** Notes what is pending at a hook, as far as so much can be remembered. */
function keep(round: Round, pending: readonly number[]): void {
  for (const seq of pending) if (seq < round.untilSeq) round.kept.add(seq);
  if (round.kept.size <= KEPT_MAX) return;
  const places = [...round.kept].sort((a, b) => a - b);
  round.untilSeq = places[KEPT_MAX] ?? round.untilSeq;
  for (const seq of places.slice(KEPT_MAX)) round.kept.delete(seq);
}
