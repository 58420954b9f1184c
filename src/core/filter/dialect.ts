/**
 * Filter expressions: objects with one member, which names the dialect. `exact`, `prefix`, `suffix`, `all`, `any` and
 * `not` are those of the CloudEvents Subscriptions API; `match` is ours.
 * Source: https://github.com/cloudevents/spec/blob/main/subscriptions/spec.md#324-filters
 */
import { pointerTo } from '../json-text.ts';
import { readMatch } from './match.ts';
import { isObject, type Problems } from './problem.ts';
import type { Run, Test } from './run.ts';

/** Asks of the whole event; answers null, or the pointer of what fails. */
export type Expression = (run: Run) => string | null;

type Reader = (value: unknown, at: string, problems: Problems) => Expression;

const DIALECTS: Readonly<Record<string, Reader>> = {
  exact: ofAttributes((attribute, text) => attribute === text),
  prefix: ofAttributes((attribute, text) => attribute.startsWith(text)),
  suffix: ofAttributes((attribute, text) => attribute.endsWith(text)),
  all: (value, at, problems) => {
    const expressions = readList(value, at, problems);
    return (run) => {
      for (const expression of expressions) {
        const failing = expression(run);
        if (failing !== null) return failing;
      }
      return null;
    };
  },
  any: (value, at, problems) => {
    const expressions = readList(value, at, problems);
    return (run) => (expressions.some((expression) => expression(run) === null) ? null : at);
  },
  not: (value, at, problems) => {
    const expression = readExpression(value, at, problems);
    return (run) => (expression(run) === null ? at : null);
  },
  match: (value, at, problems) => {
    const test: Test = readMatch(value, at, problems);
    return (run) => test(run.event.root, run);
  },
};

const NAMES = Object.keys(DIALECTS).join(', ');

export function readExpression(value: unknown, at: string, problems: Problems): Expression {
  const members = isObject(value) ? Object.entries(value) : [];
  const [member] = members;
  if (members.length !== 1 || member === undefined) {
    problems.wrong(at, `an object with one member of ${NAMES}`, value);
    return () => at;
  }
  const [name, content] = member;
  const path = at + pointerTo(name);
  const read = Object.hasOwn(DIALECTS, name) ? DIALECTS[name] : undefined;
  if (read !== undefined) return read(content, path, problems);
  problems.add(path, `one of ${NAMES}`, name);
  return () => path;
}

function readList(value: unknown, at: string, problems: Problems): Expression[] {
  if (!Array.isArray(value) || value.length === 0) {
    problems.wrong(at, 'an array of at least one filter expression', value);
    return [];
  }
  return value.map((item: unknown, index) => readExpression(item, `${at}/${index}`, problems));
}

/** Attributes of CloudEvents; the payload is none. */
const ATTRIBUTE_NAME = /^[a-z0-9]{1,128}$/;

function ofAttributes(holds: (attribute: string, text: string) => boolean): Reader {
  return (value, at, problems) => {
    const wanted = isObject(value) ? Object.entries(value) : [];
    if (wanted.length === 0) problems.wrong(at, 'an object of attribute names and texts', value);
    for (const [name, text] of wanted) {
      const path = at + pointerTo(name);
      if (!ATTRIBUTE_NAME.test(name) || name === 'data') {
        problems.add(path, 'the name of a CloudEvents attribute; `match` looks into the data', name);
      }
      if (typeof text !== 'string' || text === '')
        problems.wrong(path, 'a text of at least one character', text);
    }
    return ({ event, spend }) => {
      for (const [name, text] of wanted) {
        spend(1);
        const attribute = event.attribute(name);
        if (attribute === null || !holds(attribute, text as string)) return at + pointerTo(name);
      }
      return null;
    };
  };
}
