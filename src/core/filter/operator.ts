/**
 * The operators of `match` that ask something of one value: what each takes, and what it asks. `$not`, `$and` and
 * `$or`, which hold patterns, are in `match.ts`.
 */
import type { Span } from '../json-text.ts';
import { LinearRegex } from './linear-regex.ts';
import { compared, equals, readOperand, type Operand } from './operand.ts';
import { described, type Problems } from './problem.ts';
import type { Run } from './run.ts';

/** Whether a value that is there, and is no array unless `isOfArray`, satisfies the operator. */
export interface Condition {
  readonly holds: (value: Span, run: Run) => boolean;
  /** Asks of an array itself, not of its elements. */
  readonly isOfArray: boolean;
}

type Reader = (value: unknown, at: string, problems: Problems) => Condition;

const TEXT_OR_LIST = 'a text, or an array of texts';

export const OPERATORS: Readonly<Record<string, Reader>> = {
  $eq: (value, at, problems) => equalTo(readOperand(value, at, problems)),
  $gt: ordered((order) => order > 0),
  $gte: ordered((order) => order >= 0),
  $lt: ordered((order) => order < 0),
  $lte: ordered((order) => order <= 0),
  $in: readIn,
  $startsWith: withText((text, part) => text.startsWith(part)),
  $endsWith: withText((text, part) => text.endsWith(part)),
  $contains: readContains,
  $regex: readRegex,
};

/** Those that hold of what is there when another does not. */
export const OPPOSITES: Readonly<Record<string, string>> = { $neq: '$eq', $nin: '$in' };

/** A plain value, or `$eq`. An array as operand is compared with a whole array, or with an element that is one. */
export function equalTo(operand: Operand): Condition {
  if (operand.kind !== 'array') return ofElement((value, run) => equals(operand, value, run));
  return {
    isOfArray: true,
    holds: (value, run) =>
      equals(operand, value, run) ||
      run.event.elements(value).some((element) => equals(operand, element, run)),
  };
}

function ofElement(holds: Condition['holds']): Condition {
  return { holds, isOfArray: false };
}

function ordered(isWanted: (order: number) => boolean): Reader {
  return (value, at, problems) => {
    if (typeof value !== 'number' && typeof value !== 'string')
      problems.wrong(at, 'a number or a text', value);
    const operand = readOperand(value, at, problems);
    return ofElement((other, run) => {
      const order = compared(operand, other, run);
      return order !== null && isWanted(order);
    });
  };
}

function readIn(value: unknown, at: string, problems: Problems): Condition {
  if (typeof value === 'string') return ofElement(contains(value));
  if (!Array.isArray(value) || value.some((item) => typeof item === 'object' && item !== null)) {
    problems.wrong(at, 'an array of texts, numbers, booleans and nulls, or a text to find', value);
    return ofElement(() => false);
  }
  const operands = value.map((item: unknown, index) => readOperand(item, `${at}/${index}`, problems));
  return ofElement((other, run) => operands.some((operand) => equals(operand, other, run)));
}

function withText(holds: (text: string, part: string) => boolean): Reader {
  return (value, at, problems) => {
    const parts: unknown[] = Array.isArray(value) ? value : [value];
    if (parts.length === 0 || parts.some((part) => typeof part !== 'string')) {
      problems.wrong(at, TEXT_OR_LIST, value);
    }
    return ofElement((other, run) => {
      const text = run.string(other);
      run.spend(parts.length);
      return text !== null && parts.some((part) => holds(text, part as string));
    });
  };
}

function readContains(value: unknown, at: string, problems: Problems): Condition {
  if (typeof value === 'string') return ofElement(contains(value));
  if (typeof value === 'object' && value !== null) {
    problems.wrong(at, 'a text, a number, a boolean or null', value);
  }
  const operand = readOperand(value, at, problems);
  return {
    isOfArray: true,
    holds: (other, run) => run.event.elements(other).some((element) => equals(operand, element, run)),
  };
}

function contains(part: string): Condition['holds'] {
  return (value, run) => {
    const text = run.string(value);
    return text?.includes(part) ?? false;
  };
}

function readRegex(value: unknown, at: string, problems: Problems): Condition {
  if (typeof value !== 'string') {
    problems.wrong(at, 'a regular expression as a text', value);
    return ofElement(() => false);
  }
  const reading = LinearRegex.read(value);
  if (!reading.ok) {
    problems.add(at, reading.expected, reading.got === '' ? described(value) : reading.got);
    return ofElement(() => false);
  }
  return ofElement((other, run) => {
    const text = run.string(other);
    return text !== null && reading.regex.test(text, run.spend);
  });
}
