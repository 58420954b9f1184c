/**
 * Texts with parts in braces: `{/type|lower}.{header:x-topic}`. Read once, filled for each request. A text one of whose
 * parts is absent is absent as a whole.
 */
import { isJsonPointer } from '../../core/json-text.ts';
import { FILTERS, parseFilter, type ParsedFilter } from './filter.ts';

/** Where a part is filled from. */
export type Field =
  | { readonly from: 'item'; readonly pointer: string }
  | { readonly from: 'body'; readonly pointer: string }
  | { readonly from: 'header' | 'query' | 'form'; readonly name: string }
  | { readonly from: WholeField };

/** The parts that are one word. `whole-item`: an item that is a text or number itself. */
export type WholeField = 'whole-item' | 'path' | 'method' | MessageField;
/** Those that only what is signed can hold. */
export type MessageField = 'timestamp' | 'bytes' | 'crc32' | 'url' | 'pairs' | 'secret';

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly field: Field; readonly filters: readonly ParsedFilter[] };

export type TemplateReading =
  | { readonly ok: true; readonly parts: readonly Part[] }
  | { readonly ok: false; readonly expected: string; readonly got: string };

const MAX_PARTS = 20;
const WORDS: Readonly<Record<string, WholeField>> = {
  item: 'whole-item',
  path: 'path',
  method: 'method',
  timestamp: 'timestamp',
  body: 'bytes',
  crc32: 'crc32',
  url: 'url',
  form: 'pairs',
  secret: 'secret',
};
const EXPECTED_FIELD =
  '{/pointer}, {body:/pointer}, {header:name}, {query:name}, {form:name}, {item}, {path} or {method}; in a message also {timestamp}, {body}, {crc32}, {url}, {form}, and in that of a hash {secret}';

export function parseTemplate(text: string): TemplateReading {
  const parts: Part[] = [];
  // Outside of braces, inside, outside, …
  const pieces = text.split(/\{([^{}]*)\}/);
  for (const [at, piece] of pieces.entries()) {
    if (at % 2 === 0) {
      if (/[{}]/.test(piece)) {
        return { ok: false, expected: 'each { closed by a }', got: JSON.stringify(text) };
      }
      if (piece !== '') parts.push({ kind: 'text', text: piece });
      continue;
    }
    const [name = '', ...filterTexts] = piece.split('|');
    const field = fieldOf(name);
    if (field === null) return { ok: false, expected: EXPECTED_FIELD, got: `{${piece}}` };
    const filters: ParsedFilter[] = [];
    for (const filterText of filterTexts) {
      const filter = parseFilter(filterText);
      if (filter === null)
        return { ok: false, expected: `one of the filters ${FILTERS}`, got: `|${filterText}` };
      filters.push(filter);
    }
    parts.push({ kind: 'field', field, filters });
  }
  return parts.length > MAX_PARTS
    ? { ok: false, expected: `at most ${MAX_PARTS} parts`, got: `${parts.length}` }
    : { ok: true, parts };
}

function fieldOf(text: string): Field | null {
  if (text.startsWith('/')) return isJsonPointer(text) ? { from: 'item', pointer: text } : null;
  const colon = text.indexOf(':');
  if (colon === -1) {
    const word = Object.hasOwn(WORDS, text) ? WORDS[text] : undefined;
    return word === undefined ? null : { from: word };
  }
  const [from, name] = [text.slice(0, colon), text.slice(colon + 1)];
  if (name === '') return null;
  switch (from) {
    case 'body':
      return name.startsWith('/') && isJsonPointer(name) ? { from, pointer: name } : null;
    case 'header':
      return { from, name: name.toLowerCase() };
    case 'query':
    case 'form':
      return { from, name };
    default:
      return null;
  }
}

/** What is found, through its filters; null: nothing. */
export function fieldText(filters: readonly ParsedFilter[], found: string | null): string | null {
  let text = found;
  for (const filter of filters) {
    if (filter.kind === 'default') text ??= filter.text;
    else if (text !== null) text = filter.change(text);
  }
  return text;
}
