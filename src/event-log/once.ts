/** Calls with an Idempotency-Key: each makes something once, also while the first of them is still under way. */
import type { Created, Idempotency, IdempotentAnswers } from './idempotency.ts';

export class Once {
  readonly #answers: IdempotentAnswers;
  readonly #underWay = new Map<string, { readonly digest: string; readonly made: Promise<unknown> }>();

  constructor(answers: IdempotentAnswers) {
    this.#answers = answers;
  }

  /**
   * `make` is asked unless the same call was answered before or is being answered. It remembers its answer in the commit of
   * what it makes; what is refused or fails is forgotten.
   */
  async run<T extends object, R>(
    idempotency: Idempotency | null,
    make: (remember: (answer: T, made: string) => void) => Promise<Created<T> | R>,
  ): Promise<Created<T> | R> {
    if (idempotency === null) return make(() => undefined);
    const answered = this.#answers.find<T>(idempotency, Date.now());
    if (answered !== null) return answered;
    const { key, digest } = idempotency;
    const other = this.#underWay.get(key);
    if (other !== undefined) {
      return other.digest === digest ? (other.made as Promise<Created<T> | R>) : { kind: 'mismatch' };
    }
    const made = make((answer, what) => {
      this.#answers.remember(idempotency, answer, what, Date.now());
    });
    this.#underWay.set(key, { digest, made });
    try {
      return await made;
    } finally {
      this.#underWay.delete(key);
    }
  }
}
