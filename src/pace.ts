/**
 * How intake and deliveries share a processor. An event is taken in faster than it is delivered, so who posts without end
 * would have an isolate to itself. While deliveries are under way in it, each that comes to something lets another event
 * in; where none does for a moment it is receivers that are slow, which slow nobody who posts. Objects that live elsewhere
 * know nothing of each other, and need not.
 *
 * What the objects of an isolate share are numbers: no promise of one may be kept by another. An object may be reset in the
 * middle of its work, which is never over then: where nothing comes of what is under way, it does not count until
 * something does.
 */

/** Deliveries that let nothing in at once are good for so many events later. */
const SAVED_UP = 16;
/** One in so many lets nothing in: what is behind catches up. */
const GAINED_ON = 3;
/** Events that come in together share a commit. */
const TOGETHER = 8;
const SLOW_AFTER_MS = 50;
const SLOW_FOR_MS = 500;
const LOOK_MS = 5;
/** A timer so late tells of this isolate: answers may have come in meanwhile. */
const LATE_MS = 10;
const LATE_LOOKS = 20;

/** Whoever has waited so long waits for receivers, though something comes of them now and then. */
const WAIT_MAX_MS = 500;

/** A round that hands events to hooks, or a wake of a hook. */
export interface Work {
  isOver: boolean;
}

/** What an isolate knows of its deliveries. */
export class Pace {
  readonly #underWay = new Set<Work>();
  #ends = 0;
  saved = SAVED_UP;
  lastEndMs = -Infinity;
  #slowUntilMs = -Infinity;

  /** It begins. */
  begun(): Work {
    const work = { isOver: false };
    this.#underWay.add(work);
    return work;
  }

  /** It is over. */
  over(work: Work): void {
    work.isOver = true;
    this.#underWay.delete(work);
  }

  /** An attempt of it has come to something. */
  attempted(work: Work, nowMs: number): void {
    if (!work.isOver) this.#underWay.add(work);
    this.lastEndMs = nowMs;
    this.#ends += 1;
    if (this.#ends % GAINED_ON > 0) this.saved = Math.min(SAVED_UP, this.saved + 1);
  }

  /** Nothing is under way that intake could get in the way of. */
  isFree(nowMs: number): boolean {
    const slowMs = this.#slowUntilMs - nowMs;
    // A clock that was set back makes nothing longer.
    return this.#underWay.size === 0 || (slowMs > 0 && slowMs <= SLOW_FOR_MS);
  }

  /** It is receivers that are slow. */
  foundSlow(nowMs: number): void {
    this.#slowUntilMs = nowMs + SLOW_FOR_MS;
    this.#underWay.clear();
  }
}

/** Of this isolate. */
export const pace = new Pace();

interface Waiting {
  readonly goOn: () => void;
  readonly sinceMs: number;
}

/** The events that wait to come into one log. */
export class Gate {
  readonly #pace: Pace;
  readonly #nowMs: () => number;
  readonly #waiting: Waiting[] = [];
  #sinceMs = 0;
  #lateLooks = 0;
  #isWatched = false;

  constructor(pace: Pace, nowMs: () => number) {
    this.#pace = pace;
    this.#nowMs = nowMs;
  }

  /** Resolves when another event may come in; null: it may now. */
  turn(): Promise<void> | null {
    const nowMs = this.#nowMs();
    if (this.#waiting.length === 0) {
      if (this.#pace.isFree(nowMs)) return null;
      if (this.#pace.saved > 0) {
        this.#pace.saved -= 1;
        return null;
      }
      this.#sinceMs = nowMs;
    }
    const turn = new Promise<void>((goOn) => {
      this.#waiting.push({ goOn, sinceMs: nowMs });
    });
    this.#watch();
    return turn;
  }

  /** Lets in what may come in by now. To be called by the log alone, whose promises they are. */
  look(): void {
    const { saved } = this.#pace;
    const nowMs = this.#nowMs();
    if (this.#waiting.length === 0) return;
    if (this.#pace.isFree(nowMs)) this.#letIn(Infinity);
    else if (saved >= Math.min(TOGETHER, this.#waiting.length)) this.#letIn(saved);
  }

  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    const dueMs = this.#nowMs() + LOOK_MS;
    setTimeout(() => {
      this.#isWatched = false;
      const nowMs = this.#nowMs();
      this.look();
      const first = this.#waiting[0];
      if (first === undefined) return;
      if (nowMs - dueMs > LATE_MS && this.#lateLooks < LATE_LOOKS) {
        this.#lateLooks += 1;
        this.#sinceMs = nowMs;
      }
      const lastMs = Math.max(this.#sinceMs, Math.min(nowMs, this.#pace.lastEndMs));
      const isLong = nowMs - first.sinceMs >= WAIT_MAX_MS;
      if (isLong || nowMs < this.#sinceMs || nowMs - lastMs >= SLOW_AFTER_MS) {
        this.#pace.foundSlow(nowMs);
        this.#letIn(Infinity);
      } else this.#watch();
    }, LOOK_MS);
  }

  #letIn(count: number): void {
    const letIn = this.#waiting.splice(0, count);
    this.#pace.saved = Math.max(0, this.#pace.saved - letIn.length);
    this.#sinceMs = this.#nowMs();
    this.#lateLooks = 0;
    for (const { goOn } of letIn) goOn();
  }
}
