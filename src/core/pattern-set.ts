/** The patterns of one hook: does one of them match a type? Answered from the keys of the type, without trying each. */
import { knownPattern, matches } from './pattern.ts';
import { isExactKey, patternKey } from './pattern-key.ts';

export class PatternSet {
  /** By key: null where the key says it all, else the patterns to try. */
  readonly #byKey = new Map<string, string[] | null>();

  constructor(texts: readonly string[]) {
    for (const text of texts) {
      const pattern = knownPattern(text);
      const key = patternKey(pattern);
      if (isExactKey(pattern)) this.#byKey.set(key, null);
      else if (this.#byKey.get(key) !== null) this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), text]);
    }
  }

  /** Each once. */
  get keys(): string[] {
    return [...this.#byKey.keys()];
  }

  /** `keys`: those of the type (`typeKeys`). */
  matches(type: string, keys: readonly string[]): boolean {
    return keys.some((key) => {
      const texts = this.#byKey.get(key);
      return texts === null || (texts?.some((text) => matches(knownPattern(text), type)) ?? false);
    });
  }
}
