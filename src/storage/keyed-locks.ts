/** One piece of work at a time for each key, in the order in which they were asked for. */
export class KeyedLocks {
  readonly #tails = new Map<string, Promise<unknown>>();

  /**
   * Runs when all that was asked for before under any of these keys has ended, whatever became of it; at once where there is
   * nothing.
   */
  run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = keys.flatMap((key) => this.#tails.get(key) ?? []);
    const mine = before.length === 0 ? work() : Promise.all(before).then(work);
    const tail = mine.catch(() => undefined);
    for (const key of keys) this.#tails.set(key, tail);
    void tail.then(() => {
      for (const key of keys) if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    return mine;
  }

  /** Returns when nothing runs any more. */
  async settled(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
  }
}
