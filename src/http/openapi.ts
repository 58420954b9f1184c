/** `/openapi.json`: the API's document, made from the same definitions that validate its requests. */
import * as z from 'zod';
import { KEYED, type AnyRoute, type Answer, type SecurityScheme } from './api.ts';
import { PROBLEMS, ProblemSchema, type ProblemCode } from './problem.ts';

type Json = Readonly<Record<string, unknown>>;

export interface ApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly securitySchemes: Json };
}

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

const SECURITY_SCHEMES: Readonly<Record<SecurityScheme, Json>> = {
  key: { type: 'http', scheme: 'bearer', description: 'A tenant’s key, or the admin key.' },
  basic: { type: 'http', scheme: 'basic', description: 'Any user name, with a key as the password.' },
  ticket: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'SOTicket and a key, with a space in between.',
  },
  accessToken: { type: 'apiKey', in: 'header', name: 'x-access-token', description: 'A key.' },
};

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key with the same body is answered the same again for 24 hours.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
} as const;

export function openApiDocument(routes: readonly AnyRoute[], version: string): ApiDocument {
  const schemas = new Schemas();
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    (paths[route.path] ??= {})[route.method] = operationOf(route, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Posthorn',
      version,
      description: 'A webhook relay: verified in, stored, delivered signed, retried and in order.',
    },
    paths,
    components: { schemas: schemas.shared, securitySchemes: SECURITY_SCHEMES },
  };
}

function operationOf(route: AnyRoute, schemas: Schemas): Json {
  const { dialect } = route;
  const isKeyed = dialect === undefined && route.path.startsWith(KEYED);
  const security = isKeyed ? (['key'] as const) : (dialect?.security ?? []);
  const codes = [
    ...(isKeyed ? GATE_PROBLEMS : []),
    ...(route.body === undefined || dialect !== undefined ? [] : BODY_PROBLEMS),
    ...(route.isIdempotent ? (['idempotency-mismatch'] as const) : []),
    ...route.problems,
  ];
  const parameters = [
    ...(route.isIdempotent ? [IDEMPOTENCY_KEY] : []),
    ...parametersOf(route.params, 'path', schemas),
    ...parametersOf(route.query, 'query', schemas),
  ];
  const body = route.rawBody ?? (route.body && { schema: route.body, mediaTypes: ['application/json'] });
  return {
    summary: route.summary,
    ...(dialect === undefined ? {} : { tags: [dialect.tag] }),
    ...(security.length === 0 ? {} : { security: security.map((scheme) => ({ [scheme]: [] })) }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: Object.fromEntries(
              body.mediaTypes.map((type) => [type, { schema: schemas.of(body.schema, 'input') }]),
            ),
          },
        }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers as Readonly<Record<string, Answer>>).map(([status, answer]) => [
          status,
          answerOf(answer, schemas),
        ]),
      ),
      ...problemAnswers(codes, schemas),
    },
  };
}

function answerOf(answer: Answer, schemas: Schemas): Json {
  const { description, schema, mediaType = 'application/json', isOfAnyType = false } = answer;
  const any = isOfAnyType ? { '*/*': {} } : {};
  if (schema === undefined) return isOfAnyType ? { description, content: any } : { description };
  return { description, content: { [mediaType]: { schema: schemas.of(schema, 'output') }, ...any } };
}

function problemAnswers(codes: readonly ProblemCode[], schemas: Schemas): Json {
  const byStatus = new Map<number, Set<ProblemCode>>();
  for (const code of codes) {
    const [status] = PROBLEMS[code];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  }
  const schema = schemas.of(ProblemSchema, 'output');
  return Object.fromEntries(
    Array.from(byStatus, ([status, some]) => [
      status,
      { description: [...some].join(', '), content: { 'application/problem+json': { schema } } },
    ]),
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

/** JSON Schemas of the routes; those with an id stand once, among the components. */
class Schemas {
  readonly shared: Record<string, Json> = {};

  of(schema: z.ZodType, io: 'input' | 'output'): Json {
    const {
      $schema: _dialect,
      $defs,
      ...own
    } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
    for (const [id, definition] of Object.entries(($defs ?? {}) as Record<string, Json>)) {
      this.shared[id] = withoutId(pointingToComponents(definition));
    }
    const local = pointingToComponents(own);
    if (typeof local['id'] !== 'string') return local;
    this.shared[local['id']] = withoutId(local);
    return { $ref: `#/components/schemas/${local['id']}` };
  }
}

function withoutId({ id: _id, ...schema }: Json): Json {
  return schema;
}

function pointingToComponents(schema: Json): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}
