/**
 * Which origins have answered lately, as far as this isolate knows: connections to them may be used again. A receiver
 * may have closed such a one meanwhile, which shows only when the next request is on its way.
 */

/** A receiver or a proxy keeps an idle connection hardly longer. */
const KEPT_MS = 60_000;
/** What answered longest ago is forgotten first. */
const MAX_ORIGINS = 1_000;

export class Connections {
  readonly #answeredAtMs = new Map<string, number>();

  answered(origin: string, nowMs: number): void {
    this.#answeredAtMs.delete(origin);
    this.#answeredAtMs.set(origin, nowMs);
    if (this.#answeredAtMs.size <= MAX_ORIGINS) return;
    for (const oldest of this.#answeredAtMs.keys()) {
      this.#answeredAtMs.delete(oldest);
      return;
    }
  }

  /** A request that leaves now may go over a connection that has carried another one. */
  mayBeReused(origin: string, nowMs: number): boolean {
    const atMs = this.#answeredAtMs.get(origin);
    return atMs !== undefined && Math.abs(nowMs - atMs) <= KEPT_MS;
  }
}
