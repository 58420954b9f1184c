/**
 * One CloudEvents 1.0 envelope in JSON, as it is posted to the relay. Says all that is wrong with it at
 * once; changes nothing in it but the attributes the relay sets itself. Source: CloudEvents 1.0.2, JSON format.
 */
import { isAttributeText } from '../../core/attribute.ts';
import { objectText } from '../../core/body.ts';
import { type PublishedEvent, RELAY_ATTRIBUTES } from '../../core/envelope.ts';
import {
  type Member,
  inWords,
  kindOf,
  members,
  membersByName,
  numberText,
  pointerTo,
  stringText,
} from '../../core/json-text.ts';
import { isMediaType } from '../../core/media-type.ts';
import { isRfc3339 } from '../../core/time.ts';
import { isAbsoluteUri, isUriReference } from '../../core/uri.ts';
import { MAX_FACT_CHARS } from '../fact.ts';

/** `path` is a JSON Pointer into the posted body. */
export interface EnvelopeProblem {
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

export type Publishing =
  | ({ readonly kind: 'event' } & PublishedEvent)
  | { readonly kind: 'invalid'; readonly problems: readonly EnvelopeProblem[] };

interface Rule {
  readonly expected: string;
  readonly accepts: (value: string) => boolean;
}

const MAX_PROBLEMS = 50;
const MAX_INT32 = 2 ** 31 - 1;
/** Each may become a header of a delivery. */
const MAX_EXTENSIONS = 64;
const MAX_ATTRIBUTES_BYTES = 32 * 1024;
/** CloudEvents advises against more than 20 characters and allows them. */
const EXTENSION_NAME = /^[a-z0-9]+$/;
const INTEGER = /^-?(0|[1-9]\d{0,9})$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const RESERVED_TYPE = /^posthorn\./i;
const TEXT = `a string of 1 to ${MAX_FACT_CHARS} characters, no control characters`;

const PAYLOAD: ReadonlySet<string> = new Set(['data', 'data_base64']);
const REQUIRED = ['specversion', 'id', 'source', 'type'] as const;
/** The members that CloudEvents names, but for `data`, which may hold anything. All others are extensions. */
const RULES: ReadonlyMap<string, Rule> = new Map([
  ['specversion', { expected: '"1.0"', accepts: (value) => value === '1.0' }],
  ['id', { expected: TEXT, accepts: isText }],
  ['source', { expected: `a URI reference: ${TEXT} or spaces`, accepts: within(isUriReference) }],
  [
    'type',
    { expected: `${TEXT}, not posthorn.*`, accepts: (value) => isText(value) && !RESERVED_TYPE.test(value) },
  ],
  ['subject', { expected: TEXT, accepts: isText }],
  ['time', { expected: 'a time by RFC 3339', accepts: isRfc3339 }],
  ['datacontenttype', { expected: 'a media type, such as application/json', accepts: within(isMediaType) }],
  ['dataschema', { expected: `an absolute URI: ${TEXT} or spaces`, accepts: within(isAbsoluteUri) }],
  ['data_base64', { expected: 'a string in base64', accepts: isBase64 }],
]);

export function readPublished(body: Uint8Array): Publishing {
  const posted = objectText(body);
  if (posted.kind === 'other') {
    const expected = 'one CloudEvents 1.0 envelope, a JSON object in UTF-8';
    return { kind: 'invalid', problems: [{ path: '', expected, got: posted.got }] };
  }
  return readEnvelope(posted.text);
}

/** `text`: a JSON object. */
export function readEnvelope(text: string): Publishing {
  const sent = members(text);
  const attributes = new Map<string, string>();
  const problems = [...tooMany(text, sent), ...duplicates(sent), ...problemsOf(text, attributes)];
  const [id, source, type] = [attributes.get('id'), attributes.get('source'), attributes.get('type')];
  if (problems.length > 0 || id === undefined || source === undefined || type === undefined) {
    return { kind: 'invalid', problems: problems.slice(0, MAX_PROBLEMS) };
  }
  return {
    kind: 'event',
    id,
    source,
    type,
    subject: attributes.get('subject') ?? null,
    time: attributes.get('time') ?? null,
  };
}

/** What the relay sets itself and what is no attribute does not count. */
function* tooMany(text: string, sent: readonly Member[]): Generator<EnvelopeProblem> {
  const attributes = sent.filter(({ name }) => !PAYLOAD.has(name) && !RELAY_ATTRIBUTES.has(name));
  const extensions = attributes.filter(({ name }) => !RULES.has(name)).length;
  if (extensions > MAX_EXTENSIONS) {
    yield { path: '', expected: `at most ${MAX_EXTENSIONS} extension attributes`, got: `${extensions}` };
  }
  const bytes = new TextEncoder().encode(
    attributes.map(({ nameStart, end }) => text.slice(nameStart, end)).join(''),
  ).byteLength;
  if (bytes > MAX_ATTRIBUTES_BYTES) {
    const expected = `at most ${MAX_ATTRIBUTES_BYTES} bytes of attributes in all`;
    yield { path: '', expected, got: `${bytes}` };
  }
}

/** Which of two equal names counts, readers of JSON do not agree on. */
function* duplicates(sent: readonly Member[]): Generator<EnvelopeProblem> {
  const seen = new Set<string>();
  for (const { name } of sent) {
    if (seen.has(name)) yield { path: pointerTo(name), expected: 'each member once', got: 'a second one' };
    seen.add(name);
  }
}

/** Fills `attributes` with the values of the named attributes that are in order. A null is as good as no member. */
function* problemsOf(text: string, attributes: Map<string, string>): Generator<EnvelopeProblem> {
  const sent = membersByName(text);
  for (const name of REQUIRED) {
    const member = sent.get(name);
    if (isUnset(text, member)) yield problem(text, name, RULES.get(name)?.expected ?? '', member);
  }
  for (const [name, member] of sent) {
    if (name === 'data' || RELAY_ATTRIBUTES.has(name) || (RULES.has(name) && isUnset(text, member))) continue;
    const rule = RULES.get(name);
    if (rule === undefined) {
      yield* extensionProblems(text, name, member);
      continue;
    }
    const value = stringText(text, member);
    if (value !== null && rule.accepts(value)) attributes.set(name, value);
    else yield problem(text, name, rule.expected, member);
  }
  if (sent.has('data') && !isUnset(text, sent.get('data_base64'))) {
    yield { path: '/data_base64', expected: 'either data or data_base64', got: 'both' };
  }
}

function* extensionProblems(text: string, name: string, member: Member): Generator<EnvelopeProblem> {
  if (!EXTENSION_NAME.test(name)) {
    const expected = 'an attribute name of characters a to z and 0 to 9';
    yield { path: pointerTo(name), expected, got: 'another name' };
  }
  if (!isExtensionValue(text, member)) {
    yield problem(text, name, 'a string without control characters, a 32-bit integer or a boolean', member);
  }
}

function isExtensionValue(text: string, member: Member): boolean {
  switch (kindOf(text, member)) {
    case 'null':
    case 'boolean':
      return true;
    case 'string': {
      const value = stringText(text, member) ?? '';
      return value === '' || isAttributeText(value);
    }
    case 'number': {
      const number = numberText(text, member) ?? '';
      return INTEGER.test(number) && Number(number) >= -MAX_INT32 - 1 && Number(number) <= MAX_INT32;
    }
    case 'object':
    case 'array':
      return false;
  }
}

function problem(text: string, name: string, expected: string, member: Member | undefined): EnvelopeProblem {
  return { path: pointerTo(name), expected, got: inWords(text, member) };
}

function isUnset(text: string, member: Member | undefined): boolean {
  return member === undefined || kindOf(text, member) === 'null';
}

function isText(value: string): boolean {
  return value.length <= MAX_FACT_CHARS && isAttributeText(value);
}

function within(accepts: Rule['accepts']): Rule['accepts'] {
  return (value) => isText(value) && accepts(value);
}

function isBase64(value: string): boolean {
  return value.length % 4 === 0 && BASE64.test(value);
}
