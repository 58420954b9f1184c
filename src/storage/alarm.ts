/**
 * What is due starts at once, in the call that made it due; an alarm so much later is the safety net, should the
 * process end before the work does. A stream of events then sets one alarm in that time, not one for each.
 */
export const SAFETY_NET_MS = 2_000;

export const BACK_OFF_MAX_MS = 60_000;

/** How long after so many failures in a row a wake is tried again: 1 s, doubled each time. */
export function backOffMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(BACK_OFF_MAX_MS, 500 * 2 ** failures);
}

/** The runtime drops the alarm of an object that fails to start six times, and goes on telling the time it was set to. */
const LOST_AFTER_MS = 60_000;

/**
 * The one alarm of an object, only ever pulled forward. What is due when is derived from storage by the
 * caller; this class spares the billed write when an alarm that is early enough is already set.
 */
export class Alarm {
  readonly #storage: DurableObjectStorage;
  readonly #nowMs: () => number;
  #at = Infinity;

  constructor(storage: DurableObjectStorage, nowMs: () => number) {
    this.#storage = storage;
    this.#nowMs = nowMs;
  }

  /** Reads what is set. To be called inside `blockConcurrencyWhile` of the object's constructor. */
  async load(): Promise<void> {
    this.#at = (await this.#storage.getAlarm()) ?? Infinity;
  }

  /** To be called first in `alarm()`: from then on nothing is set. */
  fired(): void {
    this.#at = Infinity;
  }

  /** The same if one is set: where the clock was set back, it lies further ahead than when it was. */
  noLaterThan(atMs: number): void {
    if (this.#at !== Infinity) this.by(atMs);
  }

  /** Makes sure that the object wakes at `atMs` or earlier; `Infinity` asks for nothing. An alarm long overdue is none. */
  by(atMs: number): void {
    if (atMs === Infinity) return;
    const isLost = this.#nowMs() - this.#at > LOST_AFTER_MS;
    if (atMs >= this.#at && !isLost) return;
    this.#at = atMs;
    // Not awaited on purpose: the write joins the commit of this turn, and the output gate holds back every
    // answer until it is on disk. A failing write resets the object.
    void this.#storage.setAlarm(atMs);
  }
}
