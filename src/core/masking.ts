/**
 * Takes write-only values out of what others have said: a receiver that echoes its request must not make a credential
 * readable. Finds a value also in the spellings in which programs commonly repeat one, and where it breaks off.
 */
import { base64Of } from './base64.ts';
import { MASK } from './hook-config.ts';

/** What is shorter is no secret, and would be found in any text. */
const MIN_CHARACTERS = 4;
/** What is shorter than this counts only where it stands alone: `prod` is part of many words. */
const MIN_ANYWHERE = 8;
/** So much of the start of a value gives it away where the rest is missing. */
const MIN_BROKEN_OFF = 12;
/** `Bearer …`, `Basic …`: the scheme itself is no secret. */
const WITH_SCHEME = /^[\w-]+ +(?=\S)/;

export class Masking {
  /** Longest first: a value that is part of another one leaves nothing of that. */
  readonly #spellings: readonly string[];

  /** `values`: those to be taken out. */
  constructor(values: Iterable<string>) {
    const spellings = new Set<string>();
    for (const value of values) {
      for (const part of partsOf(value))
        for (const spelling of spellingsOf(part)) spellings.add(lower(spelling));
    }
    this.#spellings = [...spellings].sort((one, other) => other.length - one.length);
  }

  /** `isCut`: the text goes on, so that a value may have been cut with it. */
  masked(text: string, isCut = false): string {
    // Whole values first: of two spellings that begin alike, the wrong one would leave the other's end.
    const shown = this.#each(text, wholeLength);
    const unbroken = this.#each(shown, brokenOffLength);
    return isCut ? this.#withoutEnd(unbroken) : unbroken;
  }

  #each(text: string, lengthOf: LengthOf): string {
    let shown = text;
    let haystack = lower(text);
    for (const spelling of this.#spellings) {
      const next = without(shown, haystack, spelling, lengthOf);
      if (next !== shown) haystack = lower(next);
      shown = next;
    }
    return shown;
  }

  /** Where the end of the text is the start of a value. */
  #withoutEnd(text: string): string {
    const haystack = lower(text);
    const lengths = this.#spellings.map((spelling) => lengthAtEnd(haystack, spelling));
    const length = Math.max(0, ...lengths);
    return length === 0 ? text : text.slice(0, -length) + MASK;
  }
}

/** What of a value is secret by itself. */
function* partsOf(value: string): Generator<string> {
  const parts = [value, value.replace(WITH_SCHEME, '')];
  const [, basic] = /^Basic +([\w+/=-]+)$/i.exec(value) ?? [];
  const login = basic === undefined ? null : decodedBase64(basic);
  if (login !== null) parts.push(login, login.slice(login.indexOf(':') + 1));
  if (value.startsWith('whsec_')) parts.push(value.slice('whsec_'.length));
  for (const part of new Set(parts)) if (part.length >= MIN_CHARACTERS) yield part;
}

function* spellingsOf(value: string): Generator<string> {
  const json = JSON.stringify(value).slice(1, -1);
  yield value;
  yield json;
  yield json.replaceAll('/', '\\/');
  yield json.replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  yield encodeURIComponent(value.toWellFormed());
  yield new URLSearchParams([['', value]]).toString().slice(1);
  yield value.replace(/[&<>"']/g, (character) => HTML[character] ?? character);
  if (value.length >= MIN_ANYWHERE) yield* base64Spellings(value);
}

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** As it looks inside the base64 of a longer text, wherever in that it begins: three bytes are four characters. */
function* base64Spellings(value: string): Generator<string> {
  const bytes = new TextEncoder().encode(value);
  for (let before = 0; before < 3; before += 1) {
    const shifted = new Uint8Array(before + bytes.length);
    shifted.set(bytes, before);
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor((shifted.length * 8) / 6);
    const encoded = base64Of(shifted).slice(from, to);
    yield encoded;
    yield encoded.replaceAll('+', '-').replaceAll('/', '_');
  }
}

/** How many characters from `at` on are to be masked; 0: none. */
type LengthOf = (haystack: string, at: number, spelling: string) => number;

function without(text: string, haystack: string, spelling: string, lengthOf: LengthOf): string {
  const needle = spelling.slice(0, MIN_BROKEN_OFF);
  let shown = '';
  let from = 0;
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, Math.max(from, at + 1))) {
    const length = lengthOf(haystack, at, spelling);
    if (length === 0) continue;
    shown += text.slice(from, at) + MASK;
    from = at + length;
  }
  return from === 0 ? text : shown + text.slice(from);
}

function wholeLength(haystack: string, at: number, spelling: string): number {
  const { length } = spelling;
  if (!haystack.startsWith(spelling, at)) return 0;
  return length >= MIN_ANYWHERE || standsAlone(haystack, at, at + length) ? length : 0;
}

/** What follows in one piece may be the rest of the value, in a spelling that nobody knows. */
function brokenOffLength(haystack: string, at: number, spelling: string): number {
  if (spelling.length < MIN_BROKEN_OFF) return 0;
  let end = at + MIN_BROKEN_OFF;
  while (end < haystack.length && haystack[end] === spelling[end - at]) end += 1;
  REST.lastIndex = end;
  return end - at + (REST.exec(haystack)?.[0].length ?? 0);
}

const REST = /[\w+/=.~%-]*/y;

function lengthAtEnd(haystack: string, spelling: string): number {
  for (let length = Math.min(spelling.length - 1, haystack.length); length >= MIN_CHARACTERS; length -= 1)
    if (haystack.endsWith(spelling.slice(0, length))) return length;
  return 0;
}

function standsAlone(text: string, start: number, end: number): boolean {
  return !/\w/.test(text[start - 1] ?? '') && !/\w/.test(text[end] ?? '');
}

/** Every character keeps its place. */
function lower(text: string): string {
  const lowered = text.toLowerCase();
  if (lowered.length === text.length) return lowered;
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function decodedBase64(text: string): string | null {
  try {
    return atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return null;
  }
}
