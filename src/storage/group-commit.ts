/** Of the event loop, let pass for others to join. */
const TURNS = 2;

/**
 * Group commit: what is written in one turn of an object is one commit, and a commit waits for the disk. Who joins
 * goes on in the same turn as all others that have joined meanwhile.
 */
export class GroupCommit {
  #group: Promise<void> | null = null;

  /** Some have joined and wait: who does not join now comes before them. */
  get isGathering(): boolean {
    return this.#group !== null;
  }

  join(): Promise<void> {
    this.#group ??= turnsOfTheLoop().then(() => {
      this.#group = null;
    });
    return this.#group;
  }
}

async function turnsOfTheLoop(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
