/**
 * Keys under which patterns can be looked up by type, with no pattern that does not fit being looked at. A type has a
 * key for each way in which a pattern could match it: every segment as it is or as `*`, whole or cut short and open.
 * Their number doubles with each segment, so keys reach no deeper than eight; a longer pattern shares the key of the
 * open one that it begins with, and `matches()` decides.
 */
import { ANY_SEGMENT, isReserved, MAX_PATTERN_LENGTH, type Pattern, segmentsOf } from './pattern.ts';

const KEY_SEGMENTS = 8;
/** No pattern is longer, also where a letter becomes two when it is folded. */
const MAX_KEY_LENGTH = 2 * MAX_PATTERN_LENGTH;

/** The one key of a pattern: its folded text, shortened if it is long. */
export function patternKey(pattern: Pattern): string {
  const isExact = isExactKey(pattern);
  const segments = isExact ? pattern.segments : pattern.segments.slice(0, KEY_SEGMENTS);
  return (isExact && !pattern.isOpen ? segments : [...segments, ANY_SEGMENT]).join('.');
}

/** Is the key the pattern itself? Then it is among the keys of a type only if the pattern matches. */
export function isExactKey({ segments }: Pattern): boolean {
  return segments.length <= KEY_SEGMENTS;
}

/** The keys of all patterns that may match a type, each once; of those up to eight segments long, of no others. */
export function typeKeys(type: string): string[] {
  const segments = segmentsOf(type);
  const keys: string[] = [];
  let beginnings = [''];
  for (const [depth, segment] of segments.entries()) {
    const isFirstReserved = depth === 0 && isReserved(segments);
    if (!isFirstReserved) for (const beginning of beginnings) keys.push(beginning + ANY_SEGMENT);
    if (depth === KEY_SEGMENTS) return keys;
    const isLast = depth === segments.length - 1;
    const longer: string[] = [];
    for (const beginning of beginnings) {
      if (isInPatterns(segment) && beginning.length + segment.length <= MAX_KEY_LENGTH)
        longer.push(isLast ? beginning + segment : `${beginning}${segment}.`);
      if (!isLast && !isFirstReserved) longer.push(`${beginning}${ANY_SEGMENT}.`);
    }
    beginnings = longer;
  }
  return [...keys, ...beginnings];
}

/** Patterns have no empty segment, and `*` means another thing there. */
function isInPatterns(segment: string): boolean {
  return segment !== '' && !segment.includes(ANY_SEGMENT);
}
