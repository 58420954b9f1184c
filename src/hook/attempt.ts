/** One HTTP try: sends a message, reads a bounded part of the answer, says what it came to. Never throws. */
import { classifyThrown, type AttemptResult } from '../core/outcome.ts';
import { startOf, type AnswerStart } from './answer-start.ts';
import { Connections } from './connections.ts';
import type { Message } from './message.ts';

/** The body of a success is read for so long: its head has said all that counts. */
const SUCCESS_READ_MS = 1_000;
/** A connection that the receiver has closed meanwhile fails at once, at the latest after a round trip. */
const STALE_WITHIN_MS = 1_000;

export interface AttemptOptions {
  /** Covers connecting, waiting and reading. */
  readonly timeoutMs: number;
  /** Whether the start of a 2xx is wanted too. */
  readonly keepsSuccess: boolean;
  /** Whether a request may leave still: asked before one is repeated. */
  readonly mayRepeat: () => Promise<boolean>;
}

/** As it came: what of it may be kept or shown is said elsewhere (report.ts). */
export interface Exchange {
  /** `quota`: the platform refused to send; this was no attempt. */
  readonly result: AttemptResult | { readonly kind: 'quota' };
  /** Names in lower case; null: there was no answer. */
  readonly headers: Iterable<readonly [string, string]> | null;
  readonly start: AnswerStart | null;
  readonly durationMs: number;
}

const connections = new Connections();

/** `clock` in ms. */
export async function attempt(
  url: URL,
  message: Message,
  { timeoutMs, keepsSuccess, mayRepeat }: AttemptOptions,
  clock: () => number,
): Promise<Exchange> {
  const startedAtMs = clock();
  // Not AbortSignal.timeout: it stays active after the fetch has ended, and thousands of them exhaust a quota.
  const abort = new AbortController();
  const abortIn = (ms: number) =>
    setTimeout(() => {
      abort.abort();
    }, ms);
  let timer = abortIn(timeoutMs);
  const exchange = (
    result: Exchange['result'],
    headers: Exchange['headers'] = null,
    start: AnswerStart | null = null,
  ): Exchange => ({ result, headers, start, durationMs: Math.max(0, clock() - startedAtMs) });
  const post = () =>
    fetch(url, {
      method: 'POST',
      headers: message.headers,
      body: message.body,
      redirect: 'manual',
      signal: abort.signal,
    });
  try {
    const mayBeReused = connections.mayBeReused(url.origin, startedAtMs);
    const response = await post().catch(async (error: unknown) => {
      const isStale =
        mayBeReused &&
        clock() - startedAtMs < STALE_WITHIN_MS &&
        !isQuota(error) &&
        !abort.signal.aborted &&
        classifyThrown(error) === 'connection-lost' &&
        (await mayRepeat());
      if (!isStale) throw error;
      return post();
    });
    connections.answered(url.origin, clock());
    const { status, headers } = response;
    if (response.ok) {
      clearTimeout(timer);
      timer = abortIn(Math.min(SUCCESS_READ_MS, startedAtMs + timeoutMs - clock()));
    }
    const result = { kind: 'answer', status, retryAfter: headers.get('retry-after') } as const;
    return exchange(result, headers, await startOf(response, keepsSuccess || !response.ok));
  } catch (error) {
    if (isQuota(error)) return exchange({ kind: 'quota' });
    return exchange({ kind: 'failed', error: abort.signal.aborted ? 'timeout' : classifyThrown(error) });
  } finally {
    clearTimeout(timer);
  }
}

/** The platform refused to send: too many requests went out of this invocation. */
export function isQuota(error: unknown): boolean {
  return error instanceof Error && /too many subrequests|quota/i.test(error.message);
}
