/** After a restart that has lost summaries: asks every hook that may hold something, a few at a time. */
import type { OpenLog } from './open-log.ts';

const ASKED_AT_ONCE = 16;

export interface HealingHost {
  /** Asks the object how it stands, and notes that; does not wait long. */
  ask(hookId: number): Promise<unknown>;
  changed(): void;
}

export class Healing {
  readonly #log: OpenLog;
  readonly #host: HealingHost;
  #afterHook = 0;
  #isUnderWay = false;

  constructor(log: OpenLog, host: HealingHost) {
    this.#log = log;
    this.#host = host;
  }

  /** When somebody is to be asked; Infinity: nobody is. */
  dueMs(): number {
    return this.#log.summaries.isHealing && !this.#isUnderWay ? -Infinity : Infinity;
  }

  /** One step, with up to half of so many calls; returns how many are left. Who does not answer is asked by the lists that show it. */
  async goOn(calls: number): Promise<number> {
    const { summaries, offered } = this.#log;
    if (!summaries.isHealing || this.#isUnderWay || calls <= 0) return calls;
    this.#isUnderWay = true;
    try {
      const hookIds = offered.idsAfter(this.#afterHook, Math.min(Math.ceil(calls / 2), ASKED_AT_ONCE));
      await Promise.allSettled(hookIds.map((hookId) => this.#host.ask(hookId)));
      const last = hookIds.at(-1);
      if (last === undefined) summaries.healed();
      else this.#afterHook = last;
      return calls - hookIds.length;
    } finally {
      this.#isUnderWay = false;
      this.#host.changed();
    }
  }
}
