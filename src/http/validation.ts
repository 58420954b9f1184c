/** From what a schema found to what the caller is told: path, expected and got of each wrong value. */
import type { z } from 'zod';
import { invalid, type FieldError, type Refusal } from './problem.ts';

type Issue = z.core.$ZodIssue;

const MAX_ERRORS = 50;
const MAX_GOT_CHARACTERS = 80;
/** Of these members, and of what stands below them, only the kind is told: what was sent in the wrong place may be a secret too. */
const SECRET_MEMBERS = new Set(['secret', 'headers', 'authorization', 'appToken', 'site', 'auth', 'url']);

/** Where a validated value came from: the body, or a part of the request with a name. */
export type Place = 'body' | 'query' | 'path';

export function refusalOf(issues: readonly Issue[], input: unknown, place: Place): Refusal {
  const errors = issues.flatMap((issue) => fieldErrors(issue, input, place)).slice(0, MAX_ERRORS);
  return invalid(...errors);
}

/** For a rule of our own inside a schema: what was expected and what came instead. */
export function rule(expected: string, got: string) {
  return { code: 'custom', message: expected, params: { expected, got } } as const;
}

function fieldErrors(issue: Issue, input: unknown, place: Place): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathOf([...issue.path, key], place),
      expected: 'a known member',
      got: 'an unknown one',
    }));
  }
  const path = [...issue.path];
  return [
    { path: pathOf(path, place), expected: expectedBy(issue), got: gotBy(issue) ?? described(input, path) },
  ];
}

export function pathOf(path: readonly PropertyKey[], place: Place): string {
  const pointer = path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return place === 'body' ? pointer : `${place}${pointer}`;
}

function expectedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return withArticle(issue.expected);
    case 'invalid_value':
      return issue.values.length === 1
        ? JSON.stringify(issue.values[0])
        : `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return `at least ${String(issue.minimum)}${unitOf(issue.origin)}`;
    case 'too_big':
      return `at most ${String(issue.maximum)}${unitOf(issue.origin)}`;
    case 'invalid_format':
      return issue.format === 'regex'
        ? `text like ${issue.pattern ?? 'the pattern'}`
        : withArticle(issue.format);
    case 'custom':
      return typeof issue.params?.['expected'] === 'string' ? issue.params['expected'] : issue.message;
    case 'invalid_union':
      return issue.errors.map((branch) => branch.map(expectedBy).join(' and ')).join(' or ');
    default:
      return issue.message;
  }
}

function gotBy(issue: Issue): string | null {
  return issue.code === 'custom' && typeof issue.params?.['got'] === 'string' ? issue.params['got'] : null;
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' || origin === 'set' || origin === 'record' || origin === 'map' ? ' items' : '';
}

function withArticle(kind: string): string {
  return /^[aeio]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

function described(input: unknown, path: readonly PropertyKey[]): string {
  let value = input;
  for (const part of path) {
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? (value as Record<PropertyKey, unknown>)[part]
        : undefined;
  }
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  if (path.some((part) => SECRET_MEMBERS.has(String(part)))) {
    return typeof value === 'string' ? `a string of ${value.length} characters` : `a ${typeof value}`;
  }
  const text = JSON.stringify(value);
  return text.length > MAX_GOT_CHARACTERS ? `${text.slice(0, MAX_GOT_CHARACTERS)}…` : text;
}
