/**
 * Patterns over event types: the `events` of a hook, the `type` of a search.
 * A type is segments between dots. `*` is exactly one segment, a trailing `.*` one or more, and `*` alone
 * everything; types under `posthorn.` match only patterns that begin with that very word. Case does not count.
 */

/** One parsed pattern: plain data, safe to store and to send. */
export interface Pattern {
  /** As written. */
  readonly text: string;
  /** Folded to lower case; `*` is exactly one segment. */
  readonly segments: readonly string[];
  /** One or more segments must follow `segments`. */
  readonly isOpen: boolean;
}

export type PatternReading =
  | { readonly ok: true; readonly pattern: Pattern }
  | {
      readonly ok: false;
      readonly reason: 'length' | 'character' | 'empty-segment' | 'partial-wildcard';
      readonly expected: string;
      readonly got: string;
    };

export const ANY_SEGMENT = '*';
const RESERVED_SEGMENT = 'posthorn';
export const MAX_PATTERN_LENGTH = 400;

/** White space, control and invisible characters, lone surrogates. */
const UNPRINTABLE = /[\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]/u;

/** Reads one pattern. Any other printable character is legal, as types of own events are free text. */
export function parsePattern(text: string): PatternReading {
  if (text.length < 1 || text.length > MAX_PATTERN_LENGTH) {
    return refused('length', `1 to ${MAX_PATTERN_LENGTH} characters`, `${text.length} characters`);
  }
  if (UNPRINTABLE.test(text)) {
    return refused('character', 'printable characters without spaces', JSON.stringify(text));
  }
  const segments = segmentsOf(text);
  if (segments.includes(''))
    return refused('empty-segment', 'a name or a * in every segment between dots', text);
  if (segments.some((segment) => segment !== ANY_SEGMENT && segment.includes(ANY_SEGMENT))) {
    return refused('partial-wildcard', '* only as a whole segment', text);
  }
  return { ok: true, pattern: knownPattern(text) };
}

/** A pattern that was read before, whatever the limits were then. */
export function knownPattern(text: string): Pattern {
  const segments = segmentsOf(text);
  const isOpen = segments.at(-1) === ANY_SEGMENT;
  return { text, segments: isOpen ? segments.slice(0, -1) : segments, isOpen };
}

function refused(
  reason: Extract<PatternReading, { ok: false }>['reason'],
  expected: string,
  got: string,
): PatternReading {
  return { ok: false, reason, expected, got };
}

/** Does this one pattern match this type? Many at once are found by their keys: `pattern-key.ts`. */
export function matches(pattern: Pattern, type: string): boolean {
  const wanted = pattern.segments;
  const segments = segmentsOf(type);
  if (pattern.isOpen ? segments.length <= wanted.length : segments.length !== wanted.length) return false;
  if (isReserved(segments) && wanted[0] !== RESERVED_SEGMENT) return false;
  return wanted.every((segment, at) => segment === ANY_SEGMENT || segment === segments[at]);
}

/** The segments of a type or pattern, folded; at least one, and empty ones stay. */
export function segmentsOf(text: string): string[] {
  return text.split('.').map((segment) => segment.toLowerCase());
}

/** Is this a type under `posthorn.`, which no wildcard in first place may match? */
export function isReserved(segments: readonly string[]): boolean {
  return segments.length > 1 && segments[0] === RESERVED_SEGMENT;
}
