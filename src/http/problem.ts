/** Refusals of the native API: RFC 9457 problems with a closed list of codes. A 500 never carries a message. */
import * as z from 'zod';

/** Code → status and title. */
export const PROBLEMS = {
  invalid: [400, 'The request is not valid'],
  unauthorized: [401, 'A valid key is needed'],
  forbidden: [403, 'This key may not do that'],
  'not-found': [404, 'There is no such thing'],
  'method-not-allowed': [405, 'This path has no such method'],
  conflict: [409, 'It conflicts with what is there'],
  'too-large': [413, 'The body is too large'],
  'unsupported-media-type': [415, 'The body is of a type that is not read here'],
  internal: [500, 'Something went wrong inside the relay'],
  'not-configured': [503, 'The relay is not configured'],
  unavailable: [503, 'The relay cannot do this right now'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** `path` is a JSON Pointer into the body, or `query/…`, `header/…` of the request. */
export interface FieldError {
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

const RETRY_AFTER_SECONDS = '5';

export const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    errors: z
      .array(z.object({ path: z.string(), expected: z.string(), got: z.string() }))
      .optional()
      .meta({ description: 'What is wrong with the request, each with its place in it.' }),
  })
  .meta({ id: 'Problem' });

/** Thrown by a handler to end in that problem; every other throw ends in `internal`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: ProblemCode;
  readonly errors: readonly FieldError[];

  constructor(code: ProblemCode, detail: string, errors: readonly FieldError[] = []) {
    super(detail);
    this.code = code;
    this.errors = errors;
  }
}

export function problemResponse({ code, message, errors }: Refusal): Response {
  const [status, title] = PROBLEMS[code];
  const headers = new Headers({ 'content-type': 'application/problem+json' });
  if (code === 'unauthorized') headers.set('www-authenticate', 'Bearer realm="posthorn"');
  if (status === 503) headers.set('retry-after', RETRY_AFTER_SECONDS);
  const problem = { type: `/docs#${code}`, title, status, detail: message, code };
  return new Response(JSON.stringify(errors.length === 0 ? problem : { ...problem, errors }), {
    status,
    headers,
  });
}

export function invalid(...errors: FieldError[]): Refusal {
  const detail = errors.map(
    ({ path, expected, got }) => `${path || 'body'}: expected ${expected}, got ${got}`,
  );
  return new Refusal('invalid', detail.join('; '), errors);
}

export function notFound(what: string): Refusal {
  return new Refusal('not-found', `There is no such ${what}.`);
}
