/**
 * The native API's routes: one definition validates the request, types the handler and documents the call.
 * What a schema refuses never reaches a handler; what it lets through is known by type there.
 */
import type { Context, Hono } from 'hono';
import type * as z from 'zod';
import type { AppEnv } from './context.ts';
import { cappedBody } from './body.ts';
import { Refusal, invalid, type ProblemCode } from './problem.ts';
import { refusalOf, type Place } from './validation.ts';

const MAX_BODY_BYTES = 1024 * 1024;
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

type Fields = z.ZodObject;

/** An answer: what it means, and its JSON where it has a body. */
export interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Other than JSON. */
  readonly mediaType?: string;
}

export interface RouteDefinition<P extends Fields, Q extends Fields, B extends z.ZodType> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With `{name}` for each parameter. */
  readonly path: `/${string}`;
  readonly summary: string;
  /** Only the admin key may. */
  readonly isForOperator?: true;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** The handler reads the body itself; the schema only documents it. Media types it takes. */
  readonly rawBody?: { readonly schema: z.ZodType; readonly mediaTypes: readonly string[] };
  readonly answers: Readonly<Record<number, Answer>>;
  /** Besides those that every keyed route has. */
  readonly problems: readonly ProblemCode[];
}

export interface Input<P extends Fields, Q extends Fields, B extends z.ZodType> {
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly body: z.output<B>;
}

export type AnyRoute = RouteDefinition<Fields, Fields, z.ZodType>;

export class Api {
  readonly routes: AnyRoute[] = [];
  readonly #app: Hono<AppEnv>;

  constructor(app: Hono<AppEnv>) {
    this.#app = app;
  }

  route<P extends Fields, Q extends Fields, B extends z.ZodType>(
    definition: RouteDefinition<P, Q, B>,
    handler: (c: Context<AppEnv>, input: Input<P, Q, B>) => Response | Promise<Response>,
  ): void {
    const { params, query, body, isForOperator } = definition;
    this.routes.push(definition);
    const path = definition.path.replaceAll(/\{(\w+)\}/g, ':$1');
    this.#app.on(definition.method, path, async (c) => {
      if (isForOperator && !c.get('isOperator'))
        throw new Refusal('forbidden', 'This call needs the admin key.');
      return handler(c, {
        params: checked(params, c.req.param(), 'path'),
        query: checked(query, c.req.query(), 'query'),
        body: body === undefined ? NOTHING : checked(body, await jsonOf(c.req.raw), 'body'),
      });
    });
  }
}

function checked<T extends z.ZodType>(schema: T | undefined, input: unknown, place: Place): z.output<T> {
  if (schema === undefined) return NOTHING;
  const result = schema.safeParse(input);
  if (!result.success) throw refusalOf(result.error.issues, input, place);
  return result.data;
}

/** A part of the request that the definition does not have: its handler cannot name it. */
const NOTHING = undefined as never;

async function jsonOf(request: Request): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  if (!JSON_TYPE.test(type)) {
    throw new Refusal(
      'unsupported-media-type',
      `Expected application/json, got ${type || 'no content type'}.`,
    );
  }
  const body = await cappedBody(request, MAX_BODY_BYTES);
  if (body === null) throw new Refusal('too-large', `The body is larger than ${MAX_BODY_BYTES} bytes.`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body)) as unknown;
  } catch {
    throw invalid({
      path: '',
      expected: 'JSON',
      got: body.byteLength === 0 ? 'an empty body' : 'text that is not JSON',
    });
  }
}
