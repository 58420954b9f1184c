/** Of the event loop, let pass for others to join. In workerd each takes 1.1 ms: it is a timer. */
const TURNS = 2;

/**
 * Group commit: what is written in one turn of an object is one commit, and a commit waits for the disk. Who joins
 * goes on in the same turn as all others that have joined meanwhile, in the order in which they joined.
 */
export class GroupCommit {
  #group: PromiseWithResolvers<undefined> | null = null;
  #size = 0;
  #turn: ReturnType<typeof setImmediate> | undefined;

  /** Some have joined and wait: who does not join now comes before them. */
  get isGathering(): boolean {
    return this.#group !== null;
  }

  /** `enough`: so many do not wait for more. */
  join(enough = Infinity): Promise<undefined> {
    if (this.#group === null) {
      if (enough === 1) return Promise.resolve(undefined);
      this.#group = Promise.withResolvers();
      this.#letPass(TURNS);
    }
    const { promise } = this.#group;
    this.#size += 1;
    if (this.#size >= enough) this.complete();
    return promise;
  }

  /** Nobody else will join. */
  complete(): void {
    clearImmediate(this.#turn);
    this.#size = 0;
    this.#group?.resolve(undefined);
    this.#group = null;
  }

  #letPass(turns: number): void {
    this.#turn = setImmediate(() => {
      if (turns > 1) this.#letPass(turns - 1);
      else this.complete();
    });
  }
}
