/**
 * Requests that are almost right, for every route of a relay's own /openapi.json: its paths, parameters, headers and
 * bodies, each as described or changed where servers tend to break. The same seed gives the same requests.
 */
import fc from 'fast-check';
import type { ApiDocument } from './answers.ts';
import { mutated, random } from './mutate.ts';

export interface Drawn {
  readonly method: string;
  /** False: the path is not described with it. */
  readonly isDescribed: boolean;
  /** With `{name}` for what the sender fills in. */
  readonly path: string;
  /** How each `{name}` is filled: null by a living thing, else by this text. */
  readonly names: readonly (string | null)[];
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whose key goes along. */
  readonly as: Role;
  readonly body: Uint8Array | null;
}

const ROLES = ['admin', 'subscriber', 'publisher', 'viewer', 'nobody'] as const;
export type Role = (typeof ROLES)[number];

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: { readonly enum?: readonly unknown[]; readonly default?: unknown };
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<
      Record<string, { readonly schema?: { readonly $ref?: string }; readonly example?: unknown }>
    >;
  };
}

const TEXTS = [
  ...[
    '',
    '0',
    '1',
    '-1',
    '1e3',
    '200',
    '201',
    '99999999999999999999',
    'true',
    'null',
    'x',
    'evt_x',
    '*',
    'a.*',
  ],
  ...[
    '..',
    '.',
    '%00',
    '%',
    '%2F',
    '%F0%9F%98%80',
    '%ED%A0%80',
    'a'.repeat(3000),
    '2026-11-02T09:30:00Z',
    'hour',
  ],
  ...[
    '2026-13-02',
    'dead',
    'any',
    'asc',
    '[]',
    '{"a":1}',
    "'; --",
    '"',
    '__proto__',
    '\u202e',
    'accepted,failed',
  ],
];
const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  ['idempotency-key', ['one', 'two', 'x'.repeat(256), ' ', 'é']],
  ['if-match', ['"1"', 'W/"1"', '*', '"', '1', '"1", "2"', '"'.repeat(50)]],
  ['posthorn-tenant', ['default', 'none', '', 'x'.repeat(200), '../x']],
  ['content-encoding', ['gzip', 'br', 'identity', 'x']],
  ['accept', ['text/html', '*/*', 'x']],
  ['posthorn-hops', ['0', '3', '99', '-1', 'x']],
  ['range', ['bytes=0-1']],
  ['x-forwarded-for', ['1.2.3.4', 'x'.repeat(1000)]],
];
const CONTENT_TYPES = [
  ...[
    'application/json',
    'application/json; charset=utf-16',
    'application/cloudevents+json',
    'text/plain',
    '',
  ],
  ...[
    'application/cloudevents-batch+json',
    'application/xml',
    'multipart/form-data; boundary=x',
    'a/b/c',
    ';',
  ],
];

/** Requests for all routes but those that `without` names, as `GET /healthz`. */
export function requestsOf(document: ApiDocument, without: ReadonlySet<string>): fc.Arbitrary<Drawn> {
  const routes = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as unknown as Record<string, Operation>)
      .filter(([method]) => !without.has(`${method.toUpperCase()} ${path}`))
      .map(([method, operation]) => requestOf(method.toUpperCase(), path, operation, document)),
  );
  return fc.nat(routes.length - 1).chain((at) => routes[at] as fc.Arbitrary<Drawn>);
}

function requestOf(
  method: string,
  path: string,
  operation: Operation,
  document: ApiDocument,
): fc.Arbitrary<Drawn> {
  const names = [...path.matchAll(/\{\w+\}/g)].length;
  const queries = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
  const body = operation.requestBody === undefined ? none() : bodyOf(operation.requestBody, document);
  const drawn = fc.record({
    method: rarely(
      fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'),
      fc.constant(method),
    ),
    path: fc.constant(path),
    names: fc.array(rarely(fc.constantFrom(...TEXTS), fc.constant(null)), {
      minLength: names,
      maxLength: names,
    }),
    query: queryOf(queries),
    headers: headersOf(),
    as: fc.oneof(
      { weight: 30, arbitrary: fc.constant('admin' as const) },
      { weight: 4, arbitrary: fc.constantFrom(...ROLES) },
    ),
    body,
  });
  const described = Object.keys(document.paths[path] ?? {});
  return drawn.map((one) => ({ ...one, isDescribed: described.includes(one.method.toLowerCase()) }));
}

function none(): fc.Arbitrary<null> {
  return fc.constant(null);
}

function bodyOf(
  { content }: NonNullable<Operation['requestBody']>,
  document: ApiDocument,
): fc.Arbitrary<Uint8Array | null> {
  const [{ schema, example } = {}] = Object.values(content);
  const name = schema?.$ref?.split('/').at(-1) ?? '';
  const shape = document.components.schemas[name] as
    { readonly properties?: Readonly<Record<string, unknown>> } | undefined;
  const members = Object.keys(shape?.properties ?? {});
  const whole = Object.fromEntries(members.map((member) => [member, 'x']));
  const valid = [example ?? {}, whole, { ...whole, ...(example as object | undefined) }].map((one) =>
    JSON.stringify(one),
  );
  return fc.oneof(
    { weight: 8, arbitrary: mutated(valid) },
    { weight: 1, arbitrary: random() },
    { weight: 1, arbitrary: none() },
  );
}

function queryOf(parameters: readonly Parameter[]): fc.Arbitrary<string> {
  const known = parameters.map(({ name, schema }) => {
    const values = [...TEXTS, ...(schema?.enum ?? []).map(String), JSON.stringify(schema?.default ?? 10)];
    return fc.tuple(fc.constant(name), sometimes(fc.constantFrom(...values), 3));
  });
  const unknown = rarely(
    fc.tuple(
      fc.constantFrom('x', '', '__proto__', 'limit', 'cursor'),
      fc.constantFrom<string | null>(...TEXTS),
    ),
    fc.constant(['', null] as [string, string | null]),
  );
  return fc.tuple(fc.tuple(...known), unknown).map(([some, other]) => {
    const pairs = [...some, other].flatMap(([name, value]) =>
      value === null
        ? []
        : [
            `${encodeURIComponent(name)}=${value.includes('%') ? value : encodeURIComponent(value.toWellFormed())}`,
          ],
    );
    return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
  });
}

function headersOf(): fc.Arbitrary<Readonly<Record<string, string>>> {
  const extra = HEADERS.map(([name, values]) =>
    fc.tuple(fc.constant(name), sometimes(fc.constantFrom(...values), 12)),
  );
  // Text of a header is bytes: what is beyond Latin-1 cannot be sent.
  const type = rarely(fc.constantFrom(...CONTENT_TYPES), fc.constant('application/json'));
  return fc
    .tuple(type, fc.tuple(...extra))
    .map(([contentType, pairs]) =>
      Object.fromEntries([
        ...(contentType === '' ? [] : [['content-type', contentType] as const]),
        ...pairs.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
      ]),
    );
}

/** Once in so many draws; else null. */
function sometimes<A>(some: fc.Arbitrary<A>, once: number): fc.Arbitrary<A | null> {
  return fc.oneof({ weight: once - 1, arbitrary: none() }, { weight: 1, arbitrary: some });
}

function rarely<A, B>(odd: fc.Arbitrary<A>, plain: fc.Arbitrary<B>): fc.Arbitrary<A | B> {
  return fc.oneof({ weight: 5, arbitrary: plain }, { weight: 1, arbitrary: odd });
}
