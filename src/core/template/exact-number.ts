/**
 * JSON for templates: numbers that reading and writing them again would change (64-bit ids, `100.0`) keep their text,
 * in what is written, in comparisons and through the filter `json`.
 */
import { Drop, type Comparable } from 'liquidjs';
import { compareNumbers, isNumberText } from '../decimal.ts';
import { depthOf } from '../json-text.ts';

/** Of JavaScript's newest, and not yet in the types. */
interface RawJson {
  readonly rawJSON: (text: string) => unknown;
}
type SourceReviver = (
  this: unknown,
  key: string,
  value: unknown,
  context: { readonly source?: string },
) => unknown;

export class ExactNumber extends Drop implements Comparable {
  readonly #text: string;

  constructor(text: string) {
    super();
    this.#text = text;
  }

  override valueOf(): string {
    return this.#text;
  }

  toJSON(): unknown {
    return (JSON as unknown as RawJson).rawJSON(this.#text);
  }

  equals(other: unknown): boolean {
    return this.#order(other) === 0;
  }

  gt(other: unknown): boolean {
    return this.#order(other) > 0;
  }

  geq(other: unknown): boolean {
    return this.#order(other) >= 0;
  }

  lt(other: unknown): boolean {
    return this.#order(other) < 0;
  }

  leq(other: unknown): boolean {
    return this.#order(other) <= 0;
  }

  /** NaN, which no comparison holds of, when the other is no number. */
  #order(other: unknown): number {
    const text =
      other instanceof ExactNumber ? other.valueOf() : typeof other === 'number' ? String(other) : '';
    return isNumberText(text) ? compareNumbers(this.#text, text) : NaN;
  }
}

/** Digits of which a double may lose some, a zero at the end of a fraction, or an exponent. */
const MAYBE_INEXACT = /\d{16}|\.\d{8}|\.\d*0(?!\d)|\d[eE]|-0/;
/** A reviver works by recursion; deeper texts are read without one, and their numbers as doubles. */
const MAX_LEVELS = 1_000;

/** @param text JSON; anything else throws SyntaxError */
export function readJson(text: string): unknown {
  if (!MAYBE_INEXACT.test(text) || depthOf(text) > MAX_LEVELS) return JSON.parse(text);
  const exact: SourceReviver = (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && source !== String(value)
      ? new ExactNumber(source)
      : value;
  return JSON.parse(text, exact as (this: unknown, key: string, value: unknown) => unknown);
}
