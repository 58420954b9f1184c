/** How a command ends: one number for scripts, one message for people. */
import { ClosedError, PosthornError, UnreachableError } from '../client/posthorn.ts';

export const EXIT = {
  done: 0,
  failed: 1,
  /** `plan`: something would change. `doctor`: something is wrong. */
  differs: 2,
  usage: 3,
  unauthorized: 4,
  relayUnreachable: 5,
  targetUnreachable: 6,
  somebodyElseListens: 7,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with that code; the message goes to stderr. */
export class Exit extends Error {
  override readonly name = 'Exit';
  readonly code: ExitCode;

  constructor(code: ExitCode, message: string) {
    super(message);
    this.code = code;
  }
}

export function usage(message: string): Exit {
  return new Exit(EXIT.usage, message);
}

const TAKEN_OVER = [4408, 4409];

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof Exit) return error.code;
  if (error instanceof UnreachableError) return EXIT.relayUnreachable;
  if (error instanceof ClosedError) {
    if (TAKEN_OVER.includes(error.code)) return EXIT.somebodyElseListens;
    return error.code === 4401 || error.code === 4403 ? EXIT.unauthorized : EXIT.failed;
  }
  if (error instanceof PosthornError) {
    if (error.status === 401 || error.status === 403) return EXIT.unauthorized;
    return error.code === 'unexpected-answer' ? EXIT.relayUnreachable : EXIT.failed;
  }
  return EXIT.failed;
}

/** What went wrong and, where there is something to do about it, what. */
export function messageOf(error: unknown): string {
  if (error instanceof UnreachableError) {
    return `${error.message}\nIs the relay running? Say where with --relay URL or POSTHORN_URL.`;
  }
  if (error instanceof PosthornError) {
    const places = error.problems.map(
      ({ path, expected, got }) => `  ${path || 'body'}: expected ${expected}, got ${got}`,
    );
    const advice =
      error.code === 'unauthorized' ? ['Give a key with --key, POSTHORN_KEY or `posthorn login`.'] : [];
    // The detail says the same in one line.
    return [
      ...(places.length > 0 ? [`${error.problem.title}:`, ...places] : [error.message]),
      ...advice,
    ].join('\n');
  }
  return error instanceof Error ? error.message : String(error);
}
