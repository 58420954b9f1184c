/**
 * An event's JSON as filters look at it: text, of which each object is taken apart at most once, when a filter first
 * asks for one of its members. Numbers keep their text, so 64-bit ids and `100.0` are compared as they were sent.
 */
import {
  elements,
  endsIn,
  kindAt,
  kindOf,
  members,
  scalarText,
  stringText,
  valueSpan,
  type Ends,
  type Kind,
  type Span,
} from '../json-text.ts';

/** How many objects and arrays are remembered taken apart; further ones are taken apart again each time. */
const MAX_REMEMBERED = 2_000;
/** Filters ask for what is in `data.raw`, and not far below; what is deeper is gone through when it is asked for. */
const MAX_LEVELS = 5;

export class EventJson {
  readonly text: string;
  readonly root: Span;
  readonly #ends: Ends;
  readonly #members = new Map<number, ReadonlyMap<string, Span>>();
  readonly #elements = new Map<number, readonly Span[]>();

  /** @param text JSON that JSON.parse accepts */
  constructor(text: string) {
    this.text = text;
    this.#ends = endsIn(text, MAX_LEVELS);
    this.root = valueSpan(text, 0, this.#ends);
  }

  kind(value: Span): Kind {
    return kindOf(this.text, value);
  }

  /** The members of an object, of duplicates the last; of anything else none. */
  members(value: Span): ReadonlyMap<string, Span> {
    const known = this.#members.get(value.start);
    if (known !== undefined) return known;
    const found = new Map(members(this.text, value.start, this.#ends).map((member) => [member.name, member]));
    if (this.#members.size < MAX_REMEMBERED) this.#members.set(value.start, found);
    return found;
  }

  /** The elements of an array; of anything else none. */
  elements(value: Span): readonly Span[] {
    const known = this.#elements.get(value.start);
    if (known !== undefined) return known;
    const found = elements(this.text, value.start, this.#ends);
    if (this.#elements.size < MAX_REMEMBERED) this.#elements.set(value.start, found);
    return found;
  }

  /** A string's characters; null for any other value. */
  string(value: Span): string | null {
    return stringText(this.text, value);
  }

  /** As it was sent; null for any other value. */
  number(value: Span): string | null {
    return this.kind(value) === 'number' ? this.text.slice(value.start, value.end) : null;
  }

  /** A context attribute as text: a string's characters, a number or boolean as it was sent. Absent: null. */
  attribute(name: string): string | null {
    const value = this.members(this.root).get(name);
    return value === undefined ? null : scalarText(this.text, value);
  }

  isTrue(value: Span): boolean {
    return this.text.charCodeAt(value.start) === 0x74;
  }

  isArray(value: Span): boolean {
    return kindAt(this.text, value.start) === 'array';
  }
}
