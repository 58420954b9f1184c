/**
 * The attempts of a delivery, as its row keeps them and as the API shows them. What is stored has short names and nothing that is
 * null: of the most deliveries there are, those that arrived at the first try, it is a good part of all that stays.
 */
import type { AttemptError } from '../core/outcome.ts';
import type { ShownHeaders } from './report.ts';

export interface AttemptRecord {
  readonly number: number;
  readonly at: string;
  readonly durationMs: number;
  readonly outcome: 'delivered' | 'failed' | 'gone' | 'gave-up';
  readonly statusCode: number | null;
  readonly error: AttemptError | null;
  /** In words, why nothing was sent; null: `error` says it all. */
  readonly detail: string | null;
  /** What was sent and what came back, bounded and without credentials; null: it is not kept. */
  readonly requestHeaders: ShownHeaders | null;
  readonly responseHeaders: ShownHeaders | null;
  readonly responseExcerpt: string | null;
}

/** What may echo the event. */
export type Evidence = Pick<AttemptRecord, 'requestHeaders' | 'responseHeaders' | 'responseExcerpt'>;
export const NO_EVIDENCE: Evidence = { requestHeaders: null, responseHeaders: null, responseExcerpt: null };

interface Stored {
  readonly n: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly ms: number;
  /** Absent: it was delivered. */
  readonly is?: AttemptRecord['outcome'];
  readonly status?: number;
  readonly error?: AttemptError;
  readonly detail?: string;
  readonly sent?: ShownHeaders;
  readonly got?: ShownHeaders;
  readonly body?: string;
}

/** The attempts kept of one delivery. */
const ATTEMPTS_KEPT = 25;

/** SQL of the log with one attempt more; `json`: the placeholder of that, which may be null. */
export const appendedLog = (json: string) => `iif(${json} IS NULL, attempt_log, json_insert(
  CASE WHEN json_array_length(attempt_log) < ${ATTEMPTS_KEPT} THEN attempt_log ELSE json_remove(attempt_log, '$[0]') END,
  '$[#]', json(${json})))`;

/** As it was stored before: with all members, by the names of the API. */
type Former = Omit<AttemptRecord, 'detail' | 'requestHeaders' | 'responseHeaders'>;

/** An element of the JSON array `attempt_log`. */
export function storedAttempt(attempt: AttemptRecord): string {
  const { outcome } = attempt;
  const stored: { [Member in keyof Stored]: Stored[Member] | undefined } = {
    n: attempt.number,
    at: Date.parse(attempt.at),
    ms: attempt.durationMs,
    is: outcome === 'delivered' ? undefined : outcome,
    status: attempt.statusCode ?? undefined,
    error: attempt.error ?? undefined,
    detail: attempt.detail ?? undefined,
    sent: attempt.requestHeaders ?? undefined,
    got: attempt.responseHeaders ?? undefined,
    body: attempt.responseExcerpt ?? undefined,
  };
  return JSON.stringify(stored);
}

export function storedAttempts(attempts: readonly AttemptRecord[]): string {
  return `[${attempts.map(storedAttempt).join(',')}]`;
}

/** Reads `attempt_log`. */
export function attemptsOf(json: string): AttemptRecord[] {
  return (JSON.parse(json) as (Stored | Former)[]).map((stored) =>
    'number' in stored
      ? { ...stored, ...NO_EVIDENCE, detail: null, responseExcerpt: stored.responseExcerpt }
      : read(stored),
  );
}

function read(stored: Stored): AttemptRecord {
  return {
    number: stored.n,
    at: new Date(stored.at).toISOString(),
    durationMs: stored.ms,
    outcome: stored.is ?? 'delivered',
    statusCode: stored.status ?? null,
    error: stored.error ?? null,
    detail: stored.detail ?? null,
    requestHeaders: stored.sent ?? null,
    responseHeaders: stored.got ?? null,
    responseExcerpt: stored.body ?? null,
  };
}
