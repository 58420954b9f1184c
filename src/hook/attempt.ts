/** One HTTP try: sends a message, reads a bounded part of the answer, says what it came to. Never throws. */
import { classifyThrown, type AttemptResult } from '../core/outcome.ts';
import type { Message } from './message.ts';

const NO_CONTENT = 204;
const READ_BYTES = 64 * 1024;
const EXCERPT_BYTES = 1024;
/** SuperOffice keeps as much of a webhook's last error. */
const ANSWER_CHARACTERS = 4000;

export interface AttemptReport {
  /** `quota`: the platform refused to send; this was no attempt. */
  readonly result: AttemptResult | { readonly kind: 'quota' };
  /** null: there was no answer. */
  readonly responseHeaders: Headers | null;
  /** Start of the answer's body as text; ends in … where it was cut. */
  readonly responseExcerpt: string | null;
  readonly durationMs: number;
}

/** `clock` in ms. The deadline covers connecting, waiting and reading. */
export async function attempt(
  url: URL,
  message: Message,
  timeoutMs: number,
  clock: () => number,
): Promise<AttemptReport> {
  const startedAtMs = clock();
  // Not AbortSignal.timeout: it stays active after the fetch has ended, and thousands of them exhaust a quota.
  const abort = new AbortController();
  const timer = setTimeout(() => {
    abort.abort();
  }, timeoutMs);
  const report = (
    result: AttemptReport['result'],
    responseHeaders: Headers | null = null,
    responseExcerpt: string | null = null,
  ): AttemptReport => ({
    result,
    responseHeaders,
    responseExcerpt,
    durationMs: Math.max(0, clock() - startedAtMs),
  });
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: message.headers,
      body: message.body,
      redirect: 'manual',
      signal: abort.signal,
    });
    const { status, headers } = response;
    const result = { kind: 'answer', status, retryAfter: headers.get('retry-after') } as const;
    return report(result, headers, await excerptOf(response));
  } catch (error) {
    if (isQuota(error)) return report({ kind: 'quota' });
    return report({ kind: 'failed', error: abort.signal.aborted ? 'timeout' : classifyThrown(error) });
  } finally {
    clearTimeout(timer);
  }
}

/** What came back, in words: the answer's status, headers and start of its body, or why there is none. */
export function answerText({ result, responseHeaders, responseExcerpt }: AttemptReport): string {
  if (result.kind === 'quota') return 'No answer: nothing was sent';
  if (result.kind === 'failed') return `No answer: ${result.error}`;
  const headers = [...(responseHeaders ?? [])].map(([name, value]) => `${name}: ${value}`);
  const text = [`HTTP ${result.status}`, ...headers, '', responseExcerpt ?? ''].join('\n').trimEnd();
  return text.length > ANSWER_CHARACTERS ? `${text.slice(0, ANSWER_CHARACTERS - 1)}…` : text;
}

/** The status has already decided: a body that drips, breaks off or never ends only cuts the excerpt. */
async function excerptOf(response: Response): Promise<string | null> {
  if (response.status === NO_CONTENT || response.body === null) return null;
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const kept = new Uint8Array(EXCERPT_BYTES);
  let readBytes = 0;
  let isWhole = false;
  try {
    while (readBytes <= READ_BYTES) {
      const { done, value } = await reader.read();
      if (done) {
        isWhole = readBytes <= EXCERPT_BYTES;
        break;
      }
      if (readBytes < EXCERPT_BYTES) kept.set(value.subarray(0, EXCERPT_BYTES - readBytes), readBytes);
      readBytes += value.byteLength;
    }
    if (readBytes > READ_BYTES) await reader.cancel();
  } catch {
    isWhole = false;
  }
  const text = new TextDecoder().decode(kept.subarray(0, Math.min(readBytes, EXCERPT_BYTES)));
  return isWhole ? text : `${text}…`;
}

function isQuota(error: unknown): boolean {
  return error instanceof Error && /too many subrequests|quota/i.test(error.message);
}
