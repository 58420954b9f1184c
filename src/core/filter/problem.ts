/** What is wrong with a filter, and where. */

export interface FilterProblem {
  /** JSON Pointer of the value that is wrong. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

/** Collects problems up to a number that a caller can read. */
export class Problems {
  static readonly #most = 20;
  readonly found: FilterProblem[] = [];

  add(path: string, expected: string, got: string): void {
    if (this.found.length < Problems.#most) this.found.push({ path, expected, got });
  }

  /** The same, with the value that came in the words of `described`. */
  wrong(path: string, expected: string, value: unknown): void {
    this.add(path, expected, described(value));
  }
}

const MAX_GOT_CHARACTERS = 80;

/** A value as a message shows it: a scalar itself, of anything else its kind and size. */
export function described(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (isObject(value)) return `an object of ${Object.keys(value).length}`;
  const text = JSON.stringify(value);
  return text.length > MAX_GOT_CHARACTERS ? `${text.slice(0, MAX_GOT_CHARACTERS)}…` : text;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
