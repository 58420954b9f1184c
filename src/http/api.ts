/**
 * The native API's routes: one definition validates the request, types the handler and documents the call.
 * What a schema refuses never reaches a handler; what it lets through is known by type there.
 */
import { hash } from 'node:crypto';
import type { Context, Hono } from 'hono';
import type * as z from 'zod';
import { bodyText } from '../core/body.ts';
import { depthOf } from '../core/json-text.ts';
import type { Role } from '../core/role.ts';
import type { Idempotency } from '../event-log/idempotency.ts';
import { isAllowed, type Caller } from './auth.ts';
import type { AppEnv } from './context.ts';
import { cappedBody } from './body.ts';
import { Refusal, invalid, type ProblemCode } from './problem.ts';
import { queryOf } from './query.ts';
import type { Tag } from './tags.ts';
import { refusalOf, type Place } from './validation.ts';

const MAX_BODY_BYTES = 1024 * 1024;
/** What is kept of a body is compared, merged, copied between objects and written as JSON, each by recursion. */
const MAX_DEPTH = 64;
/** Routes under this path need a key. */
export const KEYED = '/v1/';
/** And this one. */
export const METRICS = '/metrics';

export function isKeyed(path: string): boolean {
  return path.startsWith(KEYED) || path === METRICS;
}

const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,255}$/;
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

type Fields = z.ZodObject;

/** An answer: what it means, and its JSON where it has a body. */
export interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Other than JSON. */
  readonly mediaType?: string;
  /** It carries the version of what it shows. */
  readonly hasEtag?: true;
  /** It may come in any other media type as well. */
  readonly isOfAnyType?: true;
}

/** By status, or by the first figure of it. */
export interface Answers {
  readonly [status: number]: Answer;
  readonly '2XX'?: Answer;
  readonly '4XX'?: Answer;
}

/** How a call of another API's style is authenticated; its gate and its errors are its own. */
export interface DialectOfRoute {
  /** Each of these alone is enough. */
  readonly security: readonly SecurityScheme[];
}

export type SecurityScheme = 'key' | 'basic' | 'ticket' | 'accessToken';

export interface RouteDefinition<P extends Fields, Q extends Fields, B extends z.ZodType> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'options';
  /** With `{name}` for each parameter. */
  readonly path: `/${string}`;
  readonly summary: string;
  /** Names the call in generated clients; unique. */
  readonly operationId: string;
  readonly tag: Tag;
  /** What it does, in a sentence or two, beyond the summary. */
  readonly description: string;
  /** None: the native API. */
  readonly dialect?: DialectOfRoute;
  /** Only the admin key may. */
  readonly isForOperator?: true;
  /** Whose keys may, besides a tenant's admin keys. */
  readonly roles?: readonly Role[];
  /** Takes an Idempotency-Key. */
  readonly isIdempotent?: true;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** No body at all stands for `{}`. */
  readonly isBodyOptional?: true;
  /** The handler reads the body itself; the schema only documents it. Media types it takes. */
  readonly rawBody?: { readonly schema: z.ZodType; readonly mediaTypes: readonly string[] };
  readonly answers: Answers;
  /** Besides those that every keyed route has. */
  readonly problems: readonly ProblemCode[];
}

export interface Input<P extends Fields, Q extends Fields, B extends z.ZodType> {
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly body: z.output<B>;
  /** The same as it came; no bytes where the definition has none. */
  readonly bodyBytes: Uint8Array;
  /** Of a call that takes an Idempotency-Key and came with one. */
  readonly idempotency: Idempotency | null;
}

export type AnyRoute = RouteDefinition<Fields, Fields, z.ZodType>;

export class Api {
  readonly routes: AnyRoute[] = [];
  readonly #app: Hono<AppEnv>;

  constructor(app: Hono<AppEnv>) {
    this.#app = app;
  }

  /** Lists a route that something else answers. */
  document(definition: AnyRoute): void {
    this.routes.push(definition);
  }

  route<P extends Fields, Q extends Fields, B extends z.ZodType>(
    definition: RouteDefinition<P, Q, B>,
    handler: (c: Context<AppEnv>, input: Input<P, Q, B>) => Response | Promise<Response>,
  ): void {
    const { params, query, body } = definition;
    // For a parameter of the query that it does not know, if for nothing else.
    this.document({ ...definition, problems: [...definition.problems, 'invalid'] });
    const path = definition.path.replaceAll(/\{(\w+)\}/g, ':$1');
    this.#app.on(definition.method, path, async (c) => {
      if (isKeyed(definition.path)) checkRole(definition, c.get('caller'));
      const sent = queryOf(c.req.url, query);
      const parameters = checked(query, sent, 'query');
      const json = body === undefined ? null : await jsonBodyOf(c.req.raw, definition.isBodyOptional);
      return handler(c, {
        params: checked(params, c.req.param(), 'path'),
        query: parameters,
        body: json === null ? NOTHING : checked(body, json.value, 'body'),
        bodyBytes: json?.bytes ?? new Uint8Array(),
        idempotency: definition.isIdempotent && json !== null ? idempotencyOf(c, json.bytes) : null,
      });
    });
  }
}

function checkRole(
  { isForOperator, roles = [] }: Pick<AnyRoute, 'isForOperator' | 'roles'>,
  caller: Caller,
): void {
  if (caller.kind === 'operator') return;
  if (isForOperator) throw new Refusal('forbidden', 'This call needs the admin key.');
  if (isAllowed(caller, roles)) return;
  const allowed = ['admin', ...roles].join(' or ');
  throw new Refusal('forbidden', `This call needs a key with role ${allowed}; this one is a ${caller.role}.`);
}

function checked<T extends z.ZodType>(schema: T | undefined, input: unknown, place: Place): z.output<T> {
  if (schema === undefined) return NOTHING;
  const result = schema.safeParse(input);
  if (!result.success) throw refusalOf(result.error.issues, input, place);
  return result.data;
}

/** A part of the request that the definition does not have: its handler cannot name it. */
const NOTHING = undefined as never;

/** The Idempotency-Key of a request, bound to its call, its caller and its body; null without one. */
export function idempotencyOf(c: Context<AppEnv>, body: Uint8Array): Idempotency | null {
  const key = c.req.header('idempotency-key');
  if (key === undefined) return null;
  if (!IDEMPOTENCY_KEY.test(key)) {
    throw invalid({
      path: 'header/idempotency-key',
      expected: '1 to 255 printable ASCII characters',
      got: `${key.length} characters`,
    });
  }
  const caller = c.get('caller');
  const who = caller.kind === 'operator' ? caller.kind : caller.keyId;
  const digest = hash('sha256', body, 'hex');
  return { key: `${c.req.method} ${c.req.path} ${who} ${key}`, digest };
}

/** A body that must be JSON, with its bytes. */
export async function jsonBodyOf(
  request: Request,
  isOptional = false,
  mediaTypes = JSON_TYPE,
): Promise<{ value: unknown; bytes: Uint8Array }> {
  const type = request.headers.get('content-type') ?? '';
  const isJson = mediaTypes.test(type);
  const refused = new Refusal(
    'unsupported-media-type',
    `Expected application/json, got ${type || 'no content type'}.`,
  );
  // A request without a body has one all the same, of no bytes: it has to be read to be known.
  if (!isJson && !(isOptional && type === '')) throw refused;
  const body = await cappedBody(request, MAX_BODY_BYTES);
  if (body === null) throw new Refusal('too-large', `The body is larger than ${MAX_BODY_BYTES} bytes.`);
  if (isOptional && body.byteLength === 0) return { value: {}, bytes: body };
  if (!isJson) throw refused;
  const read = bodyText(body);
  if (read.kind !== 'json') {
    const got = body.byteLength === 0 ? 'an empty body' : 'text that is not JSON';
    throw invalid({ path: '', expected: 'JSON', got });
  }
  const depth = depthOf(read.text);
  if (depth > MAX_DEPTH) {
    throw invalid({ path: '', expected: `JSON of at most ${MAX_DEPTH} levels`, got: `${depth} levels` });
  }
  return { value: JSON.parse(read.text) as unknown, bytes: body };
}
