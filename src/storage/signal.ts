/** Somebody waits for the next of something, but only so long. */
export class Signal {
  #fired: (() => void) | null = null;

  fire(): void {
    this.#fired?.();
  }

  /** True when it has fired; false when it has not within so long. What was fired before does not count. */
  async next(withinMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#fired = () => {
      resolve(true);
    };
    const timer = setTimeout(() => {
      resolve(false);
    }, withinMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#fired = null;
    }
  }
}
