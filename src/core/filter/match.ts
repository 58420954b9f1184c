/**
 * The language of `match`, which Hookdeck, Outpost and Convoy share. A pattern has the shape of what it is held against:
 * members of an object must hold of the members of that name, a plain value is equality, an array asks for all of its
 * elements, `$…` are operators. Members of what is absent, or is no object, are absent.
 *
 * An array satisfies a pattern when one of its elements does, and all that is asked at one place must hold of that
 * same element. What speaks of an array as a whole is asked of the array itself: `$exist`, `$not`, `$neq` and `$nin`
 * (none of its elements), and arrays as operands.
 */
import { pointerTo, type Span } from '../json-text.ts';
import { equalTo, OPERATORS, OPPOSITES, type Condition } from './operator.ts';
import { readOperand } from './operand.ts';
import { isObject, type Problems } from './problem.ts';
import { MAX_ARRAY_LEVELS, type Run, type Test } from './run.ts';

const KNOWN = [...Object.keys(OPERATORS), ...Object.keys(OPPOSITES), '$exist', '$or', '$and', '$not'].sort();

/** One thing a pattern asks. */
interface Clause {
  readonly test: Test;
  /** Asks of an array itself, not of its elements. */
  readonly isOfArray: boolean;
}

/** Reads the pattern of a `match` expression, which is held against the whole envelope. */
export function readMatch(pattern: unknown, at: string, problems: Problems): Test {
  if (!isObject(pattern)) {
    problems.wrong(at, 'an object of the members to match', pattern);
    return () => at;
  }
  return together(clausesOf(pattern, at, problems), at);
}

function clausesOf(pattern: unknown, at: string, problems: Problems): Clause[] {
  if (Array.isArray(pattern)) return [readAll(pattern, at, problems)];
  if (!isObject(pattern)) return [asClause(equalTo(readOperand(pattern, at, problems)), at)];
  const clauses = Object.entries(pattern).flatMap(([name, value]) => {
    const path = at + pointerTo(name);
    return name.startsWith('$')
      ? readOperator(name, value, path, problems)
      : [readMember(name, value, path, problems)];
  });
  return clauses.length > 0 ? clauses : [anyObject(at)];
}

function readMember(name: string, pattern: unknown, at: string, problems: Problems): Clause {
  const test = together(clausesOf(pattern, at, problems), at);
  return {
    isOfArray: false,
    test: (value, run) => {
      run.spend(1);
      return test(value === null ? null : (run.event.members(value).get(name) ?? null), run);
    },
  };
}

function readOperator(name: string, value: unknown, at: string, problems: Problems): Clause[] {
  const read = OPERATORS[name];
  if (read !== undefined) return [asClause(read(value, at, problems), at)];
  const opposite = OPERATORS[OPPOSITES[name] ?? ''];
  if (opposite !== undefined) {
    const test = together([asClause(opposite(value, at, problems), at)], at);
    return [
      { isOfArray: true, test: (other, run) => (other === null || test(other, run) === null ? at : null) },
    ];
  }
  switch (name) {
    case '$exist':
      if (typeof value !== 'boolean') problems.wrong(at, 'true or false', value);
      return [{ isOfArray: true, test: (other) => ((other !== null) === value ? null : at) }];
    case '$not': {
      const test = together(clausesOf(value, at, problems), at);
      return [{ isOfArray: true, test: (other, run) => (test(other, run) === null ? at : null) }];
    }
    case '$and':
      // As if each stood in the place of `$and`, so that one element has to satisfy them all.
      return branches(value, at, problems).flat();
    case '$or': {
      const options = branches(value, at, problems);
      const tests = options.map((clauses, index) => together(clauses, `${at}/${index}`));
      return [
        {
          isOfArray: options.flat().some((clause) => clause.isOfArray),
          test: (other, run) => (tests.some((test) => test(other, run) === null) ? null : at),
        },
      ];
    }
    default:
      problems.add(at, `one of ${KNOWN.join(', ')}`, name);
      return [];
  }
}

function branches(value: unknown, at: string, problems: Problems): Clause[][] {
  if (!Array.isArray(value) || value.length === 0) {
    problems.wrong(at, 'an array of at least one pattern', value);
    return [];
  }
  return value.map((pattern: unknown, index) => clausesOf(pattern, `${at}/${index}`, problems));
}

/** An array as a plain value: for each of its patterns the event's array has an element. */
function readAll(patterns: readonly unknown[], at: string, problems: Problems): Clause {
  const tests = patterns.map((pattern, index) => {
    const path = `${at}/${index}`;
    return { path, test: together(clausesOf(pattern, path, problems), path) };
  });
  return {
    isOfArray: true,
    test: (value, run) => {
      if (value === null || !run.event.isArray(value)) return at;
      const elements = run.event.elements(value);
      const missing = tests.find(({ test }) => !elements.some((element) => test(element, run) === null));
      return missing?.path ?? null;
    },
  };
}

function anyObject(at: string): Clause {
  return {
    isOfArray: false,
    test: (value, run) => (value !== null && run.event.kind(value) === 'object' ? null : at),
  };
}

function asClause({ holds, isOfArray }: Condition, at: string): Clause {
  return { isOfArray, test: (value, run) => (value !== null && holds(value, run) ? null : at) };
}

/** All clauses at one place of the pattern. What fails is named; of an array only when all elements fail alike. */
function together(clauses: readonly Clause[], at: string): Test {
  const ofWhole = clauses.filter((clause) => clause.isOfArray).map(({ test }) => test);
  const ofElement = clauses.filter((clause) => !clause.isOfArray).map(({ test }) => test);
  const [only] = ofElement;
  const each: Test =
    ofElement.length === 1 && only !== undefined ? only : (value, run) => firstFailing(ofElement, value, run);
  return (value, run) => {
    const failing = firstFailing(ofWhole, value, run);
    if (failing !== null || ofElement.length === 0) return failing;
    return value !== null && run.event.isArray(value)
      ? anyElement(each, value, at, run, 1)
      : each(value, run);
  };
}

function firstFailing(tests: readonly Test[], value: Span | null, run: Run): string | null {
  for (const test of tests) {
    const failing = test(value, run);
    if (failing !== null) return failing;
  }
  return null;
}

function anyElement(each: Test, array: Span, at: string, run: Run, level: number): string | null {
  let common: string | null = null;
  run.spendOn(array);
  for (const element of run.event.elements(array)) {
    run.spend(1);
    const isNested = level < MAX_ARRAY_LEVELS && run.event.isArray(element);
    const failing = isNested ? anyElement(each, element, at, run, level + 1) : each(element, run);
    if (failing === null) return null;
    common = common === null || common === failing ? failing : at;
  }
  return common ?? at;
}
