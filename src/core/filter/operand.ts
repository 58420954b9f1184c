/**
 * A value written in a filter, and when a value of an event equals it: the same type and the same value, numbers by
 * their decimal value. A number with more digits than a double keeps is written in quotes, as JSON readers would change
 * it on the way; such a text equals both the text and the number.
 */
import { compareNumbers, isExact, isNumberText } from '../decimal.ts';
import { pointerTo, type Span } from '../json-text.ts';
import { isObject, type Problems } from './problem.ts';
import type { Run } from './run.ts';

export type Operand =
  | { readonly kind: 'string'; readonly text: string; readonly number: string | null }
  | { readonly kind: 'number'; readonly number: string }
  | { readonly kind: 'boolean'; readonly isTrue: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'array'; readonly elements: readonly Operand[] }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, Operand> };

/** Reads a literal value. A problem is noted, and then the operand is of no use. */
export function readOperand(value: unknown, at: string, problems: Problems): Operand {
  if (typeof value === 'string') {
    return { kind: 'string', text: value, number: isNumberText(value) && !isExact(value) ? value : null };
  }
  if (typeof value === 'number') {
    const isLossy = !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value));
    if (isLossy)
      problems.wrong(at, 'the number in quotes, as it has more digits than a JSON reader keeps', value);
    return { kind: 'number', number: isLossy ? '0' : String(value) };
  }
  if (typeof value === 'boolean') return { kind: 'boolean', isTrue: value };
  if (Array.isArray(value)) {
    return {
      kind: 'array',
      elements: value.map((element: unknown, index) => readOperand(element, `${at}/${index}`, problems)),
    };
  }
  if (isObject(value)) {
    const members = Object.entries(value).map(
      ([name, member]) => [name, readOperand(member, at + pointerTo(name), problems)] as const,
    );
    return { kind: 'object', members: new Map(members) };
  }
  return { kind: 'null' };
}

/** Whether the event's value is this one. Order of members does not count. */
export function equals(operand: Operand, value: Span, run: Run): boolean {
  const { event } = run;
  run.spend(1);
  const kind = event.kind(value);
  if (operand.kind === 'string' && kind === 'number') {
    return operand.number !== null && compareNumbers(run.number(value) ?? '', operand.number) === 0;
  }
  if (operand.kind !== kind) return false;
  switch (operand.kind) {
    case 'string': {
      // An escape makes a text up to six times as long as it is.
      const characters = value.end - value.start - 2;
      const { length } = operand.text;
      return length <= characters && characters <= 6 * length && run.string(value) === operand.text;
    }
    case 'number':
      return compareNumbers(run.number(value) ?? '', operand.number) === 0;
    case 'boolean':
      return event.isTrue(value) === operand.isTrue;
    case 'null':
      return true;
    case 'array': {
      run.spendOn(value);
      const elements = event.elements(value);
      return (
        elements.length === operand.elements.length &&
        operand.elements.every((wanted, index) => {
          const element = elements[index];
          return element !== undefined && equals(wanted, element, run);
        })
      );
    }
    case 'object': {
      run.spendOn(value);
      const members = event.members(value);
      return (
        members.size === operand.members.size &&
        [...operand.members].every(([name, wanted]) => {
          const member = members.get(name);
          return member !== undefined && equals(wanted, member, run);
        })
      );
    }
  }
}

/**
 * Below, at or above 0, as the event's value is less than, equal to or greater than this one; null: they cannot be
 * compared, as only numbers are compared with numbers and texts with texts.
 */
export function compared(operand: Operand, value: Span, run: Run): number | null {
  run.spend(1);
  const number = run.number(value);
  if (operand.kind === 'number' || operand.kind === 'string') {
    if (number !== null) return operand.number === null ? null : compareNumbers(number, operand.number);
  }
  if (operand.kind !== 'string') return null;
  const text = run.string(value);
  if (text === null) return null;
  return text === operand.text ? 0 : text < operand.text ? -1 : 1;
}
