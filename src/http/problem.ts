/** Refusals of the native API: RFC 9457 problems with a closed list of codes. A 500 never carries a message. */
import * as z from 'zod';
import { isTenantGone } from '../registry/address.ts';
import { forgetTenants } from '../routing/tenant-memory.ts';
import type { Created } from '../event-log/idempotency.ts';
import { missingKeyDetail, newerDataDetail, unreadableDetail } from '../storage/unreadable.ts';
import { isOutage } from './outage.ts';
import type { Full, Taken } from '../event-log/refused.ts';

/** Code → status and title. */
export const PROBLEMS = {
  invalid: [400, 'The request is not valid'],
  unauthorized: [401, 'A valid key is needed'],
  forbidden: [403, 'This key may not do that'],
  'quota-exceeded': [403, 'This tenant has as many as it may have'],
  'not-found': [404, 'Not found'],
  'method-not-allowed': [405, 'This path has no such method'],
  conflict: [409, 'It conflicts with what is there'],
  'precondition-failed': [412, 'It has changed since'],
  'too-large': [413, 'The body is too large'],
  'unsupported-media-type': [415, 'This media type is not supported'],
  'idempotency-mismatch': [422, 'This Idempotency-Key came before with another body'],
  'upgrade-required': [426, 'This path speaks WebSocket alone'],
  'rate-limited': [429, 'Too many requests'],
  internal: [500, 'Something went wrong inside the relay'],
  'not-configured': [503, 'The relay is not configured'],
  paused: [503, 'The operator has paused this'],
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
/** A name of a member is the caller's own and may be as long as the body. */
const MAX_PATH_CHARACTERS = 400;
/** What is counted by the minute. */
const LIMITED_RETRY_AFTER_SECONDS = '60';
/** Reopening takes up to a minute. */
const PAUSED_RETRY_AFTER_SECONDS = '60';

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

/** What HTTP itself is told of a refusal, whatever the shape of its body. */
export function refusalHeaders(code: ProblemCode): Record<string, string> {
  if (code === 'unauthorized') return { 'www-authenticate': 'Bearer realm="posthorn"' };
  if (code === 'upgrade-required') return { upgrade: 'websocket' };
  if (code === 'rate-limited') return { 'retry-after': LIMITED_RETRY_AFTER_SECONDS };
  if (PROBLEMS[code][0] !== 503) return {};
  return { 'retry-after': code === 'paused' ? PAUSED_RETRY_AFTER_SECONDS : RETRY_AFTER_SECONDS };
}

/** `otherStatus`: where a provider wants another one than the code has. */
export function problemResponse({ code, message, errors }: Refusal, otherStatus?: number): Response {
  const [ownStatus, title] = PROBLEMS[code];
  const status = otherStatus ?? ownStatus;
  const headers = { 'content-type': 'application/problem+json', ...refusalHeaders(code) };
  const problem = { type: `/docs#${code}`, title, status, detail: message, code };
  return new Response(JSON.stringify(errors.length === 0 ? problem : { ...problem, errors }), {
    status,
    headers,
  });
}

export function invalid(...found: FieldError[]): Refusal {
  const errors = found.map((error) => ({ ...error, path: shortened(error.path) }));
  const detail = errors.map(
    ({ path, expected, got }) => `${path || 'body'}: expected ${expected}, got ${got}`,
  );
  return new Refusal('invalid', detail.join('; '), errors);
}

function shortened(path: string): string {
  return path.length > MAX_PATH_CHARACTERS ? `${path.slice(0, MAX_PATH_CHARACTERS)}…` : path;
}

export function notFound(what: string): Refusal {
  return new Refusal('not-found', `No such ${what}.`);
}

/** What a call made, or, with an Idempotency-Key, has made the first time. */
export function madeOnce<T>(created: Created<T> | Full | Taken): T {
  if (created.kind === 'created') return created.value;
  if (created.kind === 'full') throw quotaExceeded(created);
  if (created.kind === 'taken') throw uidTaken(created);
  throw new Refusal('idempotency-mismatch', 'Use another Idempotency-Key for another body.');
}

export function uidTaken({ what, uid }: Taken): Refusal {
  return new Refusal('conflict', `Another of the tenant's ${what} has the uid ${uid}.`);
}

function quotaExceeded({ what, most }: Full): Refusal {
  return new Refusal('quota-exceeded', `A tenant has at most ${most} ${what}; delete one to make another.`);
}

/** The problem an error ends in. */
export function refusalFor(error: Error): Refusal {
  if (error instanceof Refusal) return error;
  if (isTenantGone(error)) {
    forgetTenants();
    return notFound('tenant');
  }
  const missingKey = missingKeyDetail(error) ?? newerDataDetail(error);
  if (missingKey !== null) return new Refusal('not-configured', missingKey);
  const unreadable = unreadableDetail(error);
  if (unreadable !== null) return new Refusal('unavailable', unreadable);
  console.error('request failed', { error: error.message, stack: error.stack });
  // The same request may well succeed a little later.
  return isOutage(error)
    ? new Refusal('unavailable', 'An object of the relay, or its storage, failed. Nothing was changed.')
    : new Refusal('internal', 'The relay failed; its log says how.');
}
