/**
 * A hook's `filters`: which events it gets, beside `events` and `sources`. All expressions must hold. They are read
 * once, and what a reading gives is a function of nothing but the event, so that an event is explained by the very
 * rule that chose it.
 */
import { depthOf } from '../json-text.ts';
import { readExpression, type Expression } from './dialect.ts';
import type { EventJson } from './event-json.ts';
import { described, Problems, type FilterProblem } from './problem.ts';
import { Run, WorkExceeded } from './run.ts';

export const MAX_EXPRESSIONS = 20;
export const MAX_FILTER_BYTES = 16_384;
export const MAX_FILTER_LEVELS = 20;

/** Read filters, ready to be held against events. Holds no event. */
export class Filters {
  readonly #expressions: readonly Expression[];
  readonly #at: string;

  constructor(expressions: readonly Expression[], at: string) {
    this.#expressions = expressions;
    this.#at = at;
  }

  /**
   * The JSON Pointer of the clause that the event fails, or null when it passes. What takes more work than a filter may
   * is failed, at the expression that took it.
   * @param work told how many steps it took
   */
  failing(event: EventJson, work: (steps: number) => void = () => undefined): string | null {
    const run = new Run(event);
    const clause = this.#failing(run);
    work(run.spent);
    return clause;
  }

  #failing(run: Run): string | null {
    for (const [index, expression] of this.#expressions.entries()) {
      try {
        const clause = expression(run);
        if (clause !== null) return clause;
      } catch (error) {
        if (error instanceof WorkExceeded) return `${this.#at}/${index}`;
        throw error;
      }
    }
    return null;
  }
}

export type FiltersReading =
  | { readonly ok: true; readonly filters: Filters }
  | { readonly ok: false; readonly problems: readonly FilterProblem[] };

/**
 * Reads filters as they stand in a registration, parsed JSON.
 * @param at JSON Pointer of the array, with which the pointers of clauses and problems begin
 */
export function readFilters(value: unknown, at = '/filters'): FiltersReading {
  const problems = new Problems();
  if (!Array.isArray(value)) {
    problems.wrong(at, 'an array of filter expressions', value);
    return { ok: false, problems: problems.found };
  }
  if (value.length > MAX_EXPRESSIONS) {
    problems.add(at, `at most ${MAX_EXPRESSIONS} filter expressions`, described(value));
  }
  const texts = value.map((item: unknown) => JSON.stringify(item));
  const bytes = new TextEncoder().encode(`[${texts.join(',')}]`).length;
  if (bytes > MAX_FILTER_BYTES)
    problems.add(at, `at most ${MAX_FILTER_BYTES} bytes of JSON`, `${bytes} bytes`);
  for (const [index, text] of texts.entries()) {
    const levels = depthOf(text);
    if (levels > MAX_FILTER_LEVELS) {
      problems.add(`${at}/${index}`, `at most ${MAX_FILTER_LEVELS} levels of nesting`, `${levels} levels`);
    }
  }
  if (problems.found.length > 0) return { ok: false, problems: problems.found };

  const expressions = value.map((item: unknown, index) => readExpression(item, `${at}/${index}`, problems));
  return problems.found.length > 0
    ? { ok: false, problems: problems.found }
    : { ok: true, filters: new Filters(expressions, at) };
}
