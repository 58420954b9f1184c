/** One call in /openapi.json. */
import * as z from 'zod';
import { isKeyed as isKeyedPath, type AnyRoute, type Answer } from '../api.ts';
import { PROBLEMS, ProblemSchema, type ProblemCode } from '../problem.ts';
import { EXAMPLES } from './examples.ts';
import type { Json, Schemas } from './schemas.ts';

/** Problems that the gates in front of every keyed route answer with. `not-found`: no such tenant. */
const GATE_PROBLEMS: readonly ProblemCode[] = [
  'unauthorized',
  'forbidden',
  'not-found',
  'rate-limited',
  'internal',
  'not-configured',
  'unavailable',
];
const BODY_PROBLEMS: readonly ProblemCode[] = ['invalid', 'too-large', 'unsupported-media-type'];

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key with the same body is answered the same again for 24 hours.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
} as const;
const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'The ETag of what is to be changed: 412 once it has another one.',
  schema: { type: 'string', example: '"3"' },
} as const;

const header = (description: string, example: string): Json => ({
  description,
  schema: { type: 'string', example },
});
const ETAG = header('The version of the configuration, for If-Match.', '"3"');
const RETRY_AFTER = header('Seconds after which the same call may succeed.', '5');
const PROBLEM_HEADERS: Readonly<Record<number, Json>> = {
  401: { 'www-authenticate': header('What kind of credential is needed.', 'Bearer realm="posthorn"') },
  429: { 'retry-after': RETRY_AFTER },
  503: { 'retry-after': RETRY_AFTER },
};

export function operationOf(route: AnyRoute, schemas: Schemas): Json {
  const { dialect, operationId } = route;
  const isKeyed = dialect === undefined && isKeyedPath(route.path);
  const security = isKeyed ? (['key'] as const) : (dialect?.security ?? []);
  const codes = [
    ...(isKeyed ? GATE_PROBLEMS : []),
    ...(route.body === undefined || dialect !== undefined ? [] : BODY_PROBLEMS),
    ...(route.isIdempotent ? (['idempotency-mismatch'] as const) : []),
    ...route.problems,
  ];
  const parameters = [
    ...(route.isIdempotent ? [IDEMPOTENCY_KEY] : []),
    ...(route.problems.includes('precondition-failed') ? [IF_MATCH] : []),
    ...parametersOf(route.params, 'path', schemas),
    ...parametersOf(route.query, 'query', schemas),
  ];
  return {
    operationId,
    summary: route.summary,
    description: `${route.description}${mayCall(route, isKeyed)}`,
    tags: [route.tag],
    security: security.map((scheme) => ({ [scheme]: [] })),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...bodyOf(route, schemas),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers as Readonly<Record<string, Answer>>).map(([status, answer]) => [
          status,
          answerOf(answer, status.startsWith('2') ? EXAMPLES[operationId]?.answer : undefined, schemas),
        ]),
      ),
      ...problemAnswers(codes, schemas),
    },
  };
}

function mayCall({ isForOperator, roles = [] }: AnyRoute, isKeyed: boolean): string {
  if (!isKeyed) return '';
  if (isForOperator === true) return ' Needs the admin key of the relay.';
  return ` Needs a key with role ${['admin', ...roles].join(' or ')}.`;
}

function bodyOf(route: AnyRoute, schemas: Schemas): Json {
  const body = route.rawBody ?? (route.body && { schema: route.body, mediaTypes: ['application/json'] });
  if (body === undefined) return {};
  const schema = schemas.of(body.schema, 'input');
  const example = EXAMPLES[route.operationId]?.request;
  const content = example === undefined ? { schema } : { schema, example };
  return {
    requestBody: {
      required: route.isBodyOptional !== true,
      content: Object.fromEntries(body.mediaTypes.map((type) => [type, content])),
    },
  };
}

function answerOf(answer: Answer, example: unknown, schemas: Schemas): Json {
  const { description, schema, mediaType = 'application/json', isOfAnyType = false, hasEtag } = answer;
  const headers = hasEtag === true ? { headers: { etag: ETAG } } : {};
  const any = isOfAnyType ? { '*/*': {} } : {};
  if (schema === undefined)
    return isOfAnyType ? { description, ...headers, content: any } : { description, ...headers };
  const shown = example === undefined ? {} : { example };
  const content = { [mediaType]: { schema: schemas.of(schema, 'output'), ...shown }, ...any };
  return { description, ...headers, content };
}

function problemAnswers(codes: readonly ProblemCode[], schemas: Schemas): Json {
  const byStatus = new Map<number, Set<ProblemCode>>();
  for (const code of codes) {
    const [status] = PROBLEMS[code];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  }
  const schema = schemas.of(ProblemSchema, 'output');
  return Object.fromEntries(
    Array.from(byStatus, ([status, some]) => {
      const headers = PROBLEM_HEADERS[status];
      return [
        status,
        {
          description: [...some].join(', '),
          ...(headers === undefined ? {} : { headers }),
          content: { 'application/problem+json': { schema } },
        },
      ];
    }),
  );
}

function parametersOf(fields: z.ZodObject | undefined, place: 'path' | 'query', schemas: Schemas): Json[] {
  return Object.entries(fields?.shape ?? {}).map(([name, field]) => {
    const { description, ...schema } = schemas.of(field as z.ZodType, 'input');
    const isRequired = place === 'path' || !z.safeParse(field as z.ZodType, undefined).success;
    return {
      name,
      in: place,
      required: isRequired,
      ...(description === undefined ? {} : { description }),
      schema,
    };
  });
}
