/**
 * What a queue has looked up of its near future, so that the common way of a delivery asks for it once in many. It
 * holds as long as the queue changes at its tail alone; whatever else changes it throws the outlook away.
 */

/** A delivery that is ready and stands behind none that is held back. */
export interface Upcoming {
  readonly seq: number;
  readonly lane: string | null;
}

export class Outlook {
  /** From then on a retry is due, which may stand before all of them. */
  readonly untilMs: number;
  readonly #limit: number;
  readonly #upcoming: Upcoming[];
  /** What is not among them is not ready, or under way. */
  #isWhole: boolean;

  /** `upcoming`: in the order in which they go out; from `limit` of them on, later ones are left out. */
  constructor(upcoming: Upcoming[], isWhole: boolean, limit: number, untilMs: number) {
    this.#upcoming = upcoming;
    this.#isWhole = isWhole;
    this.#limit = limit;
    this.untilMs = untilMs;
  }

  get isUsedUp(): boolean {
    return this.#upcoming.length === 0 && !this.#isWhole;
  }

  /** The first whose lane is not busy. `unknown`: it may be one that is left out; null: there is none. */
  first(isBusy: (lane: string | null) => boolean): number | 'unknown' | null {
    const first = this.#upcoming.find(({ lane }) => !isBusy(lane));
    return first?.seq ?? (this.#isWhole ? null : 'unknown');
  }

  /** It is under way. */
  remove(seq: number): void {
    const at = this.#upcoming.findIndex((upcoming) => upcoming.seq === seq);
    if (at >= 0) this.#upcoming.splice(at, 1);
  }

  /** It has joined the tail of the queue. */
  add(upcoming: Upcoming): void {
    this.#isWhole &&= this.#upcoming.length < this.#limit;
    if (this.#isWhole) this.#upcoming.push(upcoming);
  }
}
