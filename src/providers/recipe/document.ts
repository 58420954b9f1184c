/** A body, or a part of it, in which JSON Pointers lead to values. */
import { elements, kindOf, scalarText, valueAt, valueSpan } from '../../core/json-text.ts';

export interface Document {
  /** The exact text. */
  readonly text: string;
  /** A string, a number or boolean as it was sent; null for anything else, and where there is nothing. */
  scalar(pointer: string): string | null;
  /** Null: there is no list. */
  elements(pointer: string): Document[] | null;
}

/** Takes only text that JSON.parse has accepted. */
export class JsonDocument implements Document {
  readonly text: string;
  /** A batch asks its common parts again for each item. */
  readonly #scalars = new Map<string, string | null>();

  constructor(text: string) {
    this.text = text;
  }

  scalar(pointer: string): string | null {
    const known = this.#scalars.get(pointer);
    if (known !== undefined) return known;
    const value = pointer === '' ? valueSpan(this.text) : valueAt(this.text, pointer);
    const text = value === undefined ? null : scalarText(this.text, value);
    this.#scalars.set(pointer, text);
    return text;
  }

  elements(pointer: string): Document[] | null {
    const list = pointer === '' ? valueSpan(this.text) : valueAt(this.text, pointer);
    if (list === undefined || kindOf(this.text, list) !== 'array') return null;
    return elements(this.text, list.start).map(
      ({ start, end }) => new JsonDocument(this.text.slice(start, end)),
    );
  }
}
