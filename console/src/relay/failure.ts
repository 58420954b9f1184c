/** A call that came to nothing: the relay refused, or there was no answer. */
export interface FieldError {
  /** JSON Pointer into what was sent, or `query/…`. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

export interface Failure {
  /** 0: no answer. */
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | null;
}

export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.detail);
    this.failure = failure;
  }
}

export function unreachable(): Failure {
  return { status: 0, code: 'unreachable', detail: '', errors: [], retryAfterSeconds: null };
}

/** What came is no answer of a relay, such as the page of a proxy with status 200. */
export function unexpected(status: number): Failure {
  return { status, code: 'unexpected-answer', detail: '', errors: [], retryAfterSeconds: null };
}

/** What a caught error tells. A bug in the console itself stays one. */
export function failureIn(error: unknown): Failure {
  if (error instanceof CallFailed) return error.failure;
  throw error;
}
