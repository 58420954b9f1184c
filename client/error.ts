/** What a call can end in, besides its answer. */
import type { FieldError, ProblemCode } from '../src/http/problem.ts';

/** `unexpected-answer`: no answer of a relay, such as the error page of a proxy in front of it. */
export type ErrorCode = ProblemCode | 'unexpected-answer';

/** RFC 9457, as the relay refuses. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly errors?: readonly FieldError[];
}

/** The relay answered, and refused. */
export class PosthornError extends Error {
  override readonly name = 'PosthornError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly detail: string;
  /** What is wrong with the request, each with its place in it. */
  readonly problems: readonly FieldError[];
  /** As the relay sent it. */
  readonly problem: Problem;
  readonly retryAfterSeconds: number | null;

  constructor(problem: Problem, retryAfterSeconds: number | null = null) {
    super(problem.detail || problem.title);
    this.code = problem.code;
    this.status = problem.status;
    this.detail = problem.detail;
    this.problems = problem.errors ?? [];
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No answer came: refused, no such host, or the connection was lost. `cause` says more. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  readonly url: string;

  constructor(url: string, cause: unknown) {
    super(`No answer from ${new URL(url).origin}: ${reasonOf(cause)}`, { cause });
    this.url = url;
  }
}

/** The relay closed a socket for good. */
export class ClosedError extends Error {
  override readonly name = 'ClosedError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Of a fetch that failed: what went wrong stands in the cause of its error. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return cause.message || ('code' in cause ? String(cause.code) : cause.name);
  return error.message;
}

const MAX_EXCERPT_CHARACTERS = 300;

export async function errorOf(response: Response, retryAfterSeconds: number | null): Promise<PosthornError> {
  const text = await response.text().catch(() => '');
  return new PosthornError(problemIn(text) ?? strangeAnswer(response, text), retryAfterSeconds);
}

function problemIn(text: string): Problem | null {
  try {
    const value = JSON.parse(text) as Partial<Problem> | null;
    return typeof value?.code === 'string' && typeof value.status === 'number' ? (value as Problem) : null;
  } catch {
    return null;
  }
}

export function strangeAnswer(response: Response, text: string): Problem {
  const excerpt = text.slice(0, MAX_EXCERPT_CHARACTERS).trim();
  return {
    type: 'about:blank',
    title: 'This is no answer of a Posthorn relay',
    status: response.status,
    detail: `${response.url} answered ${response.status}${excerpt === '' ? '' : `: ${excerpt}`}`,
    code: 'unexpected-answer',
  };
}
