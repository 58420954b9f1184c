/** Seeded randomness: the same seed throws the same numbers. What the machine makes of them differs from run to run. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). The generator is mulberry32. */
  throw(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + this.throw() * (high - low);
  }

  /** A generator of its own, so that the throws of one part do not depend on the pace of another. */
  fork(): Dice {
    return new Dice(Math.floor(this.throw() * 2 ** 32));
  }
}
