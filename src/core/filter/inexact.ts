/**
 * Numbers of a filter that would be changed on the way: they are read as doubles, and what a double does not keep must be
 * written in quotes. Found in the text, as nothing tells of it afterwards.
 */
import { isExact } from '../decimal.ts';
import { elements, kindOf, members, numberText, pointerTo, valueAt, type Span } from '../json-text.ts';
import type { FilterProblem } from './problem.ts';

/**
 * @param text JSON that JSON.parse accepts, of levels that recursion may follow
 * @param at JSON Pointer of the filters in it; there need be none
 */
export function inexactNumbers(text: string, at: string): FilterProblem[] {
  const value = valueAt(text, at);
  return value === undefined ? [] : [...inexactIn(text, value, at)];
}

function* inexactIn(text: string, value: Span, path: string): Generator<FilterProblem> {
  const number = numberText(text, value);
  if (number !== null && !isExact(number)) {
    const expected = 'the number in quotes, as it has more digits than a JSON reader keeps';
    yield { path, expected, got: number.slice(0, 80) };
  }
  switch (kindOf(text, value)) {
    case 'object':
      for (const member of members(text, value.start))
        yield* inexactIn(text, member, path + pointerTo(member.name));
      break;
    case 'array':
      for (const [index, element] of elements(text, value.start).entries())
        yield* inexactIn(text, element, `${path}/${index}`);
      break;
    default:
  }
}
