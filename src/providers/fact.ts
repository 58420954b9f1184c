/**
 * A fact is a string or number of 1 to 4,096 characters in the provider's body; anything else says nothing.
 * The limit keeps what is repeated in type, subject and source small against the body itself.
 */
import { isAttributeText } from '../core/attribute.ts';
import { type Span, numberText, stringText, valueAt } from '../core/json-text.ts';

export const MAX_FACT_CHARS = 4096;
/** The same limit for a list of facts, over its whole text in the body. */
export const MAX_FACTS_CHARS = 65_536;

/** Numbers with their text as sent. */
export function factAt(text: string, value: Span | undefined): string | null {
  if (value === undefined) return null;
  return usable(stringText(text, value) ?? numberText(text, value));
}

/** The fact a JSON Pointer leads to. Without text (a body that is not JSON) or pointer: none. */
export function factByPointer(text: string | null, pointer: string | undefined): string | null {
  return text === null || pointer === undefined ? null : factAt(text, valueAt(text, pointer));
}

export function usable(text: string | null | undefined): string | null {
  return text === null || text === undefined || text === '' || text.length > MAX_FACT_CHARS ? null : text;
}

/** A record's id. 0, however it is written, is what providers send when there is no record. */
export function recordId(fact: string | null): string | null {
  return fact === null || Number(fact) === 0 ? null : fact;
}

/** A record's own id among the members of an object: `id`, else `{entity}Id`. */
export function idAmong(text: string, sent: ReadonlyMap<string, Span>, entity: string): string | null {
  return recordId(factAt(text, sent.get('id'))) ?? recordId(factAt(text, sent.get(`${entity}Id`)));
}

/** The first that can stand as an envelope's id. */
export function firstEventId(...candidates: readonly (string | null | undefined)[]): string | null {
  for (const candidate of candidates) {
    const id = usable(candidate);
    if (id !== null && isAttributeText(id)) return id;
  }
  return null;
}
