/**
 * Finds members and values in JSON text by their place, so that names, numbers and spacing can be read and passed on
 * exactly as they were sent. Takes only text that JSON.parse has accepted: it reports no syntax errors.
 * One pass, no recursion: the depth of nesting costs no stack.
 */

/** A value's place in the text: from its first character up to, but not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One member of an object. The span is that of its value. */
export interface Member extends Span {
  /** Decoded, without quotes. */
  readonly name: string;
  /** Where the name's opening quote stands. */
  readonly nameStart: number;
}

export type Kind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

const MAX_ENDS = 50_000;
const NO_ENDS: Ends = new Map();

/** The value that starts at `start`, or after white space there. */
export function valueSpan(text: string, start = 0, ends = NO_ENDS): Span {
  const at = skipSpace(text, start);
  return { start: at, end: ends.get(at) ?? valueEnd(text, at) };
}

export function kindOf(text: string, value: Span): Kind {
  return kindAt(text, value.start);
}

/** Of the value that starts at `start`, or after white space there. */
export function kindAt(text: string, start: number): Kind {
  switch (text.charCodeAt(skipSpace(text, start))) {
    case OPEN_OBJECT:
      return 'object';
    case OPEN_ARRAY:
      return 'array';
    case QUOTE:
      return 'string';
    case 0x74: // true
    case 0x66: // false
      return 'boolean';
    case 0x6e: // null
      return 'null';
    default:
      return 'number';
  }
}

/** Where objects and arrays end, by where they start: they need not be gone through to find what stands behind them. */
export type Ends = ReadonlyMap<number, number>;

/** The ends of objects and arrays up to `levels` deep, found in one pass: of all of them, unless there are very many. */
export function endsIn(text: string, levels: number): Ends {
  const ends = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at) - 1;
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      open.push(at);
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      const start = open.pop();
      if (start !== undefined && open.length < levels && ends.size < MAX_ENDS) ends.set(start, at + 1);
    }
  }
  return ends;
}

/** The members of the object at `start`, duplicates included, in the order of the text. Not an object: none. */
export function members(text: string, start = 0, ends = NO_ENDS): Member[] {
  const found: Member[] = [];
  let at = skipSpace(text, start);
  if (text.charCodeAt(at) !== OPEN_OBJECT) return found;
  at = skipSpace(text, at + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const nameStart = at;
    const nameEnd = stringEnd(text, nameStart);
    const valueStart = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const value = { start: valueStart, end: ends.get(valueStart) ?? valueEnd(text, valueStart) };
    found.push({ name: decoded(text, nameStart, nameEnd), nameStart, start: value.start, end: value.end });
    at = afterComma(text, value.end);
  }
  return found;
}

/** The same by name; of duplicates the last one counts, as with JSON.parse. */
export function membersByName(text: string, start = 0): Map<string, Member> {
  return new Map(members(text, start).map((member) => [member.name, member]));
}

/** The elements of the array at `start`. Not an array: none. */
export function elements(text: string, start = 0, ends = NO_ENDS): Span[] {
  const found: Span[] = [];
  let at = skipSpace(text, start);
  if (text.charCodeAt(at) !== OPEN_ARRAY) return found;
  at = skipSpace(text, at + 1);
  while (at < text.length && text.charCodeAt(at) !== CLOSE_ARRAY) {
    const element = { start: at, end: ends.get(at) ?? valueEnd(text, at) };
    if (element.end === at) break; // no value: not JSON after all
    found.push(element);
    at = afterComma(text, element.end);
  }
  return found;
}

/** A number's text as it was sent, such as `100.0` or `9223372036854775808`; null for any other value. */
export function numberText(text: string, value: Span): string | null {
  return kindOf(text, value) === 'number' ? text.slice(value.start, value.end) : null;
}

/** A string's characters, null for any other value. */
export function stringText(text: string, value: Span): string | null {
  return kindOf(text, value) === 'string' ? decoded(text, value.start, value.end) : null;
}

/** A string's characters, a number or boolean as it was sent; null for null, an object or an array. */
export function scalarText(text: string, value: Span): string | null {
  const kind = kindOf(text, value);
  if (kind === 'number' || kind === 'boolean') return text.slice(value.start, value.end);
  return stringText(text, value);
}

const MAX_QUOTED_CHARS = 64;

/** What stands in a place, for a message: a short string or number itself, of anything else its kind. */
export function inWords(text: string, value: Span | undefined): string {
  if (value === undefined) return 'nothing';
  const kind = kindOf(text, value);
  if (kind === 'object' || kind === 'array') return kind;
  return value.end - value.start <= MAX_QUOTED_CHARS ? text.slice(value.start, value.end) : `a long ${kind}`;
}

/** Marks an object among the counters of open arrays. */
const IN_OBJECT = -1;

/**
 * The value that a JSON Pointer (RFC 6901) leads to, or undefined when it leads to none. Of duplicate members the last
 * one counts, wherever on the way it stands.
 */
export function valueAt(text: string, pointer: string): Span | undefined {
  const tokens = pointerTokens(pointer);
  if (tokens === undefined) return undefined;
  if (tokens.length === 0) return valueSpan(text);

  // The open objects and arrays on the pointer's way, outermost first; of an array, the index of its next element.
  const way: number[] = [];
  let found: Span | undefined;
  let at = skipSpace(text, 0);
  do {
    const depth = way.length - 1;
    const index = way[depth];
    const code = text.charCodeAt(at);
    if (index === undefined) {
      if (code !== OPEN_OBJECT && code !== OPEN_ARRAY) return undefined;
      way.push(code === OPEN_OBJECT ? IN_OBJECT : 0);
      at += 1;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      way.pop();
      at += 1;
    } else if (code === COMMA) {
      at += 1;
    } else {
      let name: string;
      if (index === IN_OBJECT) {
        const nameEnd = stringEnd(text, at);
        name = decoded(text, at, nameEnd);
        at = skipSpace(text, skipSpace(text, nameEnd) + 1);
      } else {
        name = String(index);
        way[depth] = index + 1;
      }
      const isOnTheWay = name === tokens[depth];
      if (isOnTheWay) found = undefined;
      const inner = text.charCodeAt(at);
      if (isOnTheWay && depth < tokens.length - 1 && (inner === OPEN_OBJECT || inner === OPEN_ARRAY)) {
        way.push(inner === OPEN_OBJECT ? IN_OBJECT : 0);
        at += 1;
      } else {
        const end = valueEnd(text, at);
        if (isOnTheWay && depth === tokens.length - 1) found = { start: at, end };
        at = end;
      }
    }
    at = skipSpace(text, at);
  } while (way.length > 0 && at < text.length);
  return found;
}

/** How many objects and arrays stand inside one another at the deepest place; 0 for a value that is neither. */
export function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at) - 1;
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) deepest = Math.max(deepest, (depth += 1));
    else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth -= 1;
  }
  return deepest;
}

/** Whether the text is a JSON Pointer at all. */
export function isJsonPointer(text: string): boolean {
  return (text === '' || text.startsWith('/')) && !/~(?![01])/.test(text);
}

/** One reference token of a JSON Pointer, with its slash. */
export function pointerTo(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function pointerTokens(pointer: string): string[] | undefined {
  if (!isJsonPointer(pointer)) return undefined;
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The string token between `start` and `end`. Without an escape its characters are its text. */
function decoded(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : inner;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Where the next member or element starts, or where the object or array closes. */
function afterComma(text: string, valueEnd: number): number {
  const at = skipSpace(text, valueEnd);
  return text.charCodeAt(at) === COMMA ? skipSpace(text, at + 1) : at;
}

function valueEnd(text: string, start: number): number {
  switch (text.charCodeAt(start)) {
    case QUOTE:
      return stringEnd(text, start);
    case OPEN_OBJECT:
    case OPEN_ARRAY:
      return nestedEnd(text, start);
    default:
      return plainEnd(text, start);
  }
}

function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    at += code === BACKSLASH ? 2 : 1;
  }
  return text.length;
}

function nestedEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at);
      continue;
    }
    at += 1;
    if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth += 1;
    else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return text.length;
}

/** The end of a number, true, false or null. */
function plainEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === CLOSE_OBJECT || code === CLOSE_ARRAY || isSpace(code)) break;
    at += 1;
  }
  return at;
}
