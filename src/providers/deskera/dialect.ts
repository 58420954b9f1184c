/**
 * Deskera's registration calls: what is asked and what is answered. The four credentials a registration carries are
 * checked for presence and then forgotten: nothing here returns them.
 * Source: Deskera developer documentation, webhook page; shape of errors: Deskera's Java SDK, ErrorResponse.
 */
import { DOCUMENTED_EVENTS } from './event-name.ts';

const CREDENTIALS = ['clientId', 'clientSecret', 'accessToken', 'refreshToken'] as const;

export interface FieldProblem {
  readonly field: string;
  readonly error: string;
}

export type Registration =
  | { readonly ok: true; readonly eventType: string; readonly webhookUrl: string }
  | { readonly ok: false; readonly errors: readonly FieldProblem[] };

/** A registered hook, as register, delete and list answer it. */
export interface RegisteredHook {
  readonly hookId: number;
  readonly eventType: string;
  readonly webhookUrl: string;
  readonly deleted: boolean;
}

/** Reads the body of a register call; `problemOf` judges its URL. No message repeats a value: any of them may be a credential. */
export function readRegistration(body: unknown, problemOf: (url: string) => string | null): Registration {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { ok: false, errors: [{ field: '', error: 'expected a JSON object' }] };
  }
  const errors: FieldProblem[] = [];
  const text = (name: string): string => {
    const value = Object.hasOwn(body, name) ? (body as Record<string, unknown>)[name] : undefined;
    if (typeof value === 'string' && value.trim() !== '') return value;
    errors.push({ field: name, error: `expected a non-empty string, got ${inWords(value)}` });
    return '';
  };
  for (const name of CREDENTIALS) text(name);
  const eventType = text('eventType');
  const webhookUrl = text('webhookUrl');
  if (eventType !== '' && !DOCUMENTED_EVENTS.has(eventType)) {
    errors.push({ field: 'eventType', error: `expected one of ${[...DOCUMENTED_EVENTS.keys()].join(', ')}` });
  }
  const urlProblem = webhookUrl === '' ? null : problemOf(webhookUrl);
  if (urlProblem !== null) errors.push({ field: 'webhookUrl', error: urlProblem });
  return errors.length === 0 ? { ok: true, eventType, webhookUrl } : { ok: false, errors };
}

/** The type of the envelopes that a documented event type stands for. */
export function typeOfEvent(eventType: string): string {
  return `deskera.${DOCUMENTED_EVENTS.get(eventType) ?? ''}`;
}

const HTTP_STATUS_NAMES = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'TOO_MANY_REQUESTS',
  500: 'INTERNAL_SERVER_ERROR',
  503: 'SERVICE_UNAVAILABLE',
} as const;

export function errorAnswer(status: number, message: string, errors: readonly FieldProblem[]) {
  const httpStatus = HTTP_STATUS_NAMES[status as keyof typeof HTTP_STATUS_NAMES];
  return { code: status, errorMessage: message, httpStatus, ...(errors.length === 0 ? {} : { errors }) };
}

function inWords(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return 'an empty string';
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}
