/**
 * One evaluation of a hook's filters on one event, with a limit on its work that is counted, not timed: the same event
 * and filters end alike at the first look, when they are explained a month later, and on any machine.
 */
import type { EventJson } from './event-json.ts';
import type { Span } from '../json-text.ts';

/**
 * Steps of about 50 ns. A filter of a few clauses takes a dozen of them on an ordinary event; a large event has a step more
 * for each of its characters.
 */
const MIN_STEPS = 50_000;
/** How far arrays within arrays are looked into. */
export const MAX_ARRAY_LEVELS = 20;

/** Thrown by `spend`, and caught where the filters are evaluated. */
export class WorkExceeded extends Error {}

export class Run {
  readonly event: EventJson;
  readonly #steps: number;
  #left: number;

  constructor(event: EventJson) {
    this.event = event;
    this.#steps = MIN_STEPS + event.text.length;
    this.#left = this.#steps;
  }

  /** Steps taken so far. */
  get spent(): number {
    return this.#steps - Math.max(0, this.#left);
  }

  readonly spend = (steps: number): void => {
    this.#left -= steps;
    if (this.#left < 0) throw new WorkExceeded();
  };

  /** For finding the ends of what an array or object holds. */
  spendOn(value: Span): void {
    this.spend(1 + ((value.end - value.start) >> 6));
  }

  /** A number as it was sent; null for any other value. */
  number(value: Span): string | null {
    const text = this.event.number(value);
    if (text !== null) this.#spendOnCharacters(value);
    return text;
  }

  /** A string's characters; null for any other value. */
  string(value: Span): string | null {
    this.#spendOnCharacters(value);
    return this.event.string(value);
  }

  #spendOnCharacters(value: Span): void {
    this.spend(1 + ((value.end - value.start) >> 4));
  }
}

/** What one clause of a filter asks of a value. null: an absent one. Answers null, or the pointer of what fails. */
export type Test = (value: Span | null, run: Run) => string | null;
