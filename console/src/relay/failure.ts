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

/** `text`: the body of the answer, which need not be the relay's. */
export function failureOf(status: number, text: string, retryAfter: string | null): Failure {
  const seconds = Number(retryAfter ?? NaN);
  const retryAfterSeconds = Number.isFinite(seconds) ? seconds : null;
  const { code = 'unexpected-answer', detail = '', errors = [] } = problemIn(text);
  return { status, code, detail, errors, retryAfterSeconds };
}

function problemIn(text: string): Partial<Pick<Failure, 'code' | 'detail' | 'errors'>> {
  try {
    const value: unknown = JSON.parse(text);
    const isProblem =
      typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string';
    return isProblem ? (value as Failure) : {};
  } catch {
    return {};
  }
}

/** What a caught error tells. A bug in the console itself stays one. */
export function failureIn(error: unknown): Failure {
  if (error instanceof CallFailed) return error.failure;
  throw error;
}
