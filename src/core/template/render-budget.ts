/**
 * What one rendering may use, counted and not timed: a Worker's clock stands still while it computes, and a template
 * must give the same body, or fail alike, at each attempt.
 */
import type { Emitter } from 'liquidjs';

/** Nodes of the template that are rendered, and what counts as much. About 50 ms. */
export const MAX_RENDER_STEPS = 50_000;
/** Characters and elements that filters handle, in all. */
export const MAX_RENDER_MEMORY = 4_194_304;
export const MAX_OUTPUT_BYTES = 1_048_576;

/** Characters of a text that are as much work as one node. */
const CHARACTERS_A_STEP = 64;
/** Values in an array or object that are as much work as one node. */
export const VALUES_A_STEP = 8;
/** Where weighing gives up, as this much is above what there is. */
const MAX_WEIGHT = VALUES_A_STEP * MAX_RENDER_STEPS;

export class RenderBudget {
  #steps = MAX_RENDER_STEPS;
  #memory = MAX_RENDER_MEMORY;
  #output = MAX_OUTPUT_BYTES;

  /** What Liquid asks before each node; the time it passes is of no use here. */
  readonly renderLimit = { check: () => this.spend(1), use: (steps: number) => this.spend(steps) };

  /** What Liquid's filters ask. */
  readonly memoryLimit = {
    check: () => undefined,
    use: (count: number) => {
      this.#memory -= Math.max(0, count);
      if (!(this.#memory >= 0)) throw new Error('the template handles too much text');
    },
  };

  spend(steps: number): void {
    this.#steps -= steps;
    if (!(this.#steps >= 0)) throw new Error('the template takes too long');
  }

  spendOutput(characters: number): void {
    this.#output -= characters;
    if (this.#output < 0) throw new Error(`the result is larger than ${MAX_OUTPUT_BYTES} bytes`);
  }
}

/** Collects what is written, in the page or for `capture`, up to the bound of both together. */
export class BoundedEmitter implements Emitter {
  buffer = '';
  readonly #budget: RenderBudget;

  constructor(budget: RenderBudget) {
    this.#budget = budget;
  }

  write(value: unknown): void {
    if (typeof value !== 'string') this.#budget.spend(weightOf(value));
    const text = textOf(value);
    this.#budget.spendOutput(text.length);
    this.buffer += text;
  }
}

/** How much work it is to go through a value, in steps: what it holds, and the length of its texts. */
export function weightOf(value: unknown): number {
  let weight = 0;
  const pending: unknown[] = [value];
  while (pending.length > 0 && weight < MAX_WEIGHT) {
    const next = pending.pop();
    weight += typeof next === 'string' ? 1 + (VALUES_A_STEP * next.length) / CHARACTERS_A_STEP : 1;
    if (typeof next !== 'object' || next === null) continue;
    const held: unknown[] = Array.isArray(next) ? next : Object.values(next);
    // Pushing them one by one: as arguments of one call they would overflow the stack.
    for (const item of held) if (pending.push(item) > MAX_WEIGHT) return MAX_RENDER_STEPS;
  }
  return weight / VALUES_A_STEP;
}

/** As Liquid writes a value: nothing for nothing, the elements of an array one behind the other. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(textOf).join('');
  return isDrop(value) ? textOf(value.valueOf()) : String(value);
}

/** A value of Liquid's own or of ours, which says itself what is written. */
function isDrop(value: unknown): value is { valueOf: () => unknown } {
  return typeof value === 'object' && value !== null && value.valueOf() !== value;
}
