/**
 * JSON that is kept to the letter although it is a value meanwhile: numbers that reading and writing would change
 * (`9007199254740993`, `100.0`) go as strings of a form of their own through all that copies, compares and stores values.
 */

/** No text that people write begins like that; one that does stays a text unless a number follows. */
const MARK = '\u0000number:';
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Of JavaScript's newest, and not yet in the types. */
interface SourceJson {
  rawJSON(text: string): unknown;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
}
const JSON_WITH_SOURCE = JSON as unknown as SourceJson;

/** @param text JSON of few levels: each costs stack */
export function readExactly(text: string): unknown {
  return JSON_WITH_SOURCE.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && source !== String(value) ? MARK + source : value,
  );
}

/** The same value for JSON.stringify, which writes each number as it was read. */
export function exactJson<T>(value: T): T {
  return mapped(value, (text) => JSON_WITH_SOURCE.rawJSON(text)) as T;
}

/** The same value with ordinary numbers, where their text does not matter. */
export function asNumbers(value: unknown): unknown {
  return mapped(value, Number);
}

function mapped(value: unknown, numberOf: (text: string) => unknown): unknown {
  if (typeof value === 'string') {
    const text = value.startsWith(MARK) ? value.slice(MARK.length) : '';
    return NUMBER.test(text) ? numberOf(text) : value;
  }
  if (Array.isArray(value)) return value.map((element) => mapped(element, numberOf));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, mapped(member, numberOf)] as const);
  // A member may be named __proto__: as a property of its own.
  return Object.fromEntries(members);
}
