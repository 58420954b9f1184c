/**
 * Deliveries that go out before they lie here: the log has handed them over and holds them until its call is answered.
 * In memory only, each with the number that it will have, in the order of the log. Rows are written from the front, so
 * that what is on disk never has a gap; after a crash the log hands over the rest again, under the same numbers.
 */
import type { AttemptRecord } from './attempt-log.ts';
import type { Delivery } from './delivery-row.ts';

export interface Unwritten extends Delivery {
  /** The envelope's `source`. */
  readonly source: string;
  readonly queuedAtMs: number;
  /** An attempt of it is under way, or has arrived. */
  isTaken: boolean;
  /** It has arrived at the first try; null: nothing is known yet. */
  arrived: { readonly attempt: AttemptRecord; readonly atMs: number } | null;
}

export class UnwrittenList {
  readonly #list: Unwritten[] = [];
  #emptied: (() => void) | null = null;

  get isEmpty(): boolean {
    return this.#list.length === 0;
  }

  get size(): number {
    return this.#list.length;
  }

  /** The next to get a row. */
  get first(): Unwritten | undefined {
    return this.#list[0];
  }

  add(delivery: Unwritten): void {
    this.#list.push(delivery);
  }

  find(seq: number): Unwritten | undefined {
    return this.#list.find((each) => each.seq === seq);
  }

  /** The first that may go out. */
  next(isBusy: (lane: string | null) => boolean): Unwritten | undefined {
    return this.#list.find(({ isTaken, lane }) => !isTaken && !isBusy(lane));
  }

  /** The first has its row. */
  written(): void {
    this.#list.shift();
    if (!this.isEmpty) return;
    const emptied = this.#emptied;
    this.#emptied = null;
    emptied?.();
  }

  /** Calls back once all have a row. */
  whenEmpty(emptied: () => void): void {
    this.#emptied = emptied;
  }
}
