/**
 * Group commit: what is written in one turn of an object is one commit, and a commit waits for the disk. Who joins
 * goes on in the same turn as all others that have joined meanwhile.
 */
export class GroupCommit {
  readonly #turns: number;
  #group: Promise<void> | null = null;

  /** `turns` of the event loop are let pass for others to join. */
  constructor(turns: number) {
    this.#turns = turns;
  }

  /** Some have joined and wait: who does not join now comes before them. */
  get isGathering(): boolean {
    return this.#group !== null;
  }

  join(): Promise<void> {
    this.#group ??= turnsOfTheLoop(this.#turns).then(() => {
      this.#group = null;
    });
    return this.#group;
  }
}

async function turnsOfTheLoop(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
