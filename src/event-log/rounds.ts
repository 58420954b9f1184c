/**
 * Drives what follows an accepted event: rounds of the fan-out, and the upkeep beside them, at once and from the alarm,
 * which is derived from what storage says is still to do.
 */
import { pace } from '../pace.ts';
import { BACK_OFF_MAX_MS, backOffMs, SAFETY_NET_MS, type Alarm } from '../storage/alarm.ts';
import { CALLS_PER_WAKE } from './fan-out.ts';
import type { OpenLog } from './open-log.ts';
import { upkeepDueMs, type Parts } from './parts.ts';

/**
 * A round of the fan-out costs rows for alarm and progress, whatever it brings. So the pause after one grows with what
 * it brought: an event that comes alone is brought at once, a flood in few rounds.
 */
const PAUSE_PER_EVENT_MS = 5;
const PAUSE_MAX_MS = 50;
/** Of a wake's calls to hooks so many are kept for retention and expunging while they have something to do. */
const UPKEEP_CALLS_PER_WAKE = 8;
/** What rounds need of their object. */
export interface RoundsHost {
  /** Null: there is no open log, and nothing to do. */
  open(): Parts | null;
  /** The log cannot be read until there is another key. */
  isLocked(): boolean;
  /** What is due starts without waiting for the alarm. */
  isEager(): boolean;
  /** A round is over. */
  over(): void;
  waitUntil(work: Promise<unknown>): void;
}

export class Rounds {
  readonly #alarm: Alarm;
  readonly #host: RoundsHost;
  #isAwake = false;
  /** The latest round has handed events to hooks; so will the next. */
  #handsOver = false;
  /** The latest round; never rejects. */
  #round: Promise<void> = Promise.resolve();
  #nextRound: ReturnType<typeof setTimeout> | null = null;
  #failures = 0;
  #nextRoundMs = 0;

  constructor(alarm: Alarm, host: RoundsHost) {
    this.#alarm = alarm;
    this.#host = host;
  }

  /** Ends when the round does that is under way. */
  settled(): Promise<void> {
    return this.#round;
  }

  /** Sees a round through that is under way: should the process end before, the runtime runs the alarm again. */
  async alarm(): Promise<void> {
    this.#alarm.fired();
    // What it has to do waits for the key: a relay that is started with it reads the log again.
    if (this.#host.isLocked()) this.#alarm.by(Date.now() + BACK_OFF_MAX_MS);
    if (!this.#isAwake) this.#start();
    await this.#round;
  }

  #start(): void {
    this.#round = this.#runRound();
  }

  /** Never throws: what failed stays in storage, and the alarm is derived from there again. */
  async #runRound(): Promise<void> {
    const parts = this.#host.open();
    if (parts === null) return;
    const { log, own, fanOut, changes, retention } = parts;
    this.#isAwake = true;
    const work = this.#handsOver ? pace.begun() : null;
    const startedMs = Date.now();
    const { fannedSeq, calls: callsBefore } = fanOut;
    let calls = 0;
    let left = 0;
    try {
      const kept = upkeepDueMs(parts) === Infinity ? 0 : UPKEEP_CALLS_PER_WAKE;
      calls = kept;
      left = await fanOut.run(CALLS_PER_WAKE - kept);
      calls += left;
      if (log.flushDueMs() <= Date.now()) fanOut.saveCounters();
      log.sources.expiries.tell(log, own, Date.now());
      log.sources.silences.tell(log, own, Date.now());
      retention.look();
      parts.tail.dropRevoked();
      this.#failures = 0;
    } catch (error) {
      this.#wakeFailed(log, error);
    }
    // No wake waits for these: events go on while KV fails or one hook object hangs.
    if (this.#host.open() === parts) {
      this.#host.waitUntil(changes.flush());
      this.#host.waitUntil(this.#keepUp(parts, calls));
    }
    this.#isAwake = false;
    this.#handsOver = fanOut.calls > callsBefore;
    if (work !== null) pace.over(work);
    this.#host.over();
    const pauseMs = Math.min(PAUSE_MAX_MS, PAUSE_PER_EVENT_MS * (fanOut.fannedSeq - fannedSeq));
    this.#nextRoundMs = Math.min(startedMs, Date.now()) + pauseMs;
    try {
      this.arm(left > 0);
    } catch (error) {
      this.#wakeFailed(log, error);
      // Where storage fails it cannot say what is due: it is asked again later, however often.
      this.#alarm.by(Date.now() + BACK_OFF_MAX_MS);
    }
  }

  /** Throws nothing: what is still to do stays in storage, and the next wake goes on with it. */
  async #keepUp(
    { log, expunger, expungeJobs, reencryption, retention, healing }: Parts,
    calls: number,
  ): Promise<void> {
    try {
      const left = await expunger.goOn(calls);
      expungeJobs.goOn();
      reencryption.goOn();
      await retention.goOn(await healing.goOn(left));
    } catch (error) {
      this.#wakeFailed(log, error);
    }
  }

  #wakeFailed(log: OpenLog, error: unknown): void {
    this.#failures += 1;
    console.error('event log wake failed', {
      tenant: log.ref.tenant,
      failures: this.#failures,
      error: String(error),
    });
  }

  /**
   * Starts the next round of the fan-out, if it may, and sets the alarm by what is still to do. During a round there is
   * no need: it looks again before it ends.
   */
  arm(mayStart = true): void {
    const open = this.#host.open();
    if (open === null || this.#isAwake) return;
    const { log, fanOut, changes } = open;
    const nowMs = Date.now();
    const { isBehind } = fanOut;
    const isStarted = isBehind && mayStart && this.#host.isEager() && this.#failures === 0;
    // A clock that was set back makes no pause longer.
    const nextRoundMs = Math.min(this.#nextRoundMs, nowMs + PAUSE_MAX_MS);
    const roundDueMs = isStarted ? Math.max(nextRoundMs, nowMs) + SAFETY_NET_MS : nextRoundMs;
    const dueMs = Math.min(
      // A round that starts takes them along.
      isStarted ? Infinity : log.flushDueMs(),
      log.sources.expiries.dueMs(),
      log.sources.silences.dueMs(log.sources),
      fanOut.lagDueMs(),
      changes.dueMs(),
      upkeepDueMs(open),
      open.tail.dueMs(),
      isBehind ? roundDueMs : Infinity,
    );
    if (dueMs !== Infinity) this.#alarm.by(Math.max(dueMs, nowMs + backOffMs(this.#failures)));
    if (isStarted) this.#startAt(nextRoundMs, nowMs);
  }

  #startAt(atMs: number, nowMs: number): void {
    if (atMs <= nowMs) this.#start();
    else
      this.#nextRound ??= setTimeout(() => {
        this.#nextRound = null;
        if (!this.#isAwake) this.#start();
      }, atMs - nowMs);
  }
}
