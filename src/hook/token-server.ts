/** One question to a token server: OAuth 2.0 client credentials, redirects not followed. Keeps nothing. */
import { answerText } from '../answer-text.ts';
import { readToken, tokenRequest, type HeldToken, type OAuthClient } from '../core/oauth-token.ts';
import { isQuota } from './attempt.ts';

const DEADLINE_MS = 10_000;
const MAX_ANSWER_BYTES = 65_536;

export type Token =
  | { readonly kind: 'held'; readonly held: HeldToken; readonly wasFetched: boolean }
  /** In words without anything that the token server said. */
  | { readonly kind: 'failed'; readonly detail: string }
  /** The platform let nothing out. */
  | { readonly kind: 'quota' };

/** Where a login gets its token from. */
export interface Tokens {
  /**
   * @param url where it is asked for; null: it may not be called
   * @param rejected the generation that the receiver has just refused; null: none
   */
  get(client: OAuthClient, url: URL | null, rejected: number | null, clock: () => number): Promise<Token>;
}

export const FORBIDDEN_URL: Token = {
  kind: 'failed',
  detail: 'tokenUrl is no longer a target that may be called',
};

/** For what is sent once: nothing is kept for the next time. */
export const TOKENS_FOR_ONCE: Tokens = {
  get: (client, url, _rejected, clock) =>
    url === null ? Promise.resolve(FORBIDDEN_URL) : fetchToken(client, url, 0, clock),
};

/** `previous`: generation of the token before it. */
export async function fetchToken(
  client: OAuthClient,
  url: URL,
  previous: number,
  clock: () => number,
): Promise<Token> {
  const askedAtMs = clock();
  const abort = new AbortController();
  const timer = setTimeout(() => {
    abort.abort();
  }, DEADLINE_MS);
  try {
    const { headers, body } = tokenRequest(client);
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: abort.signal,
    });
    const answer = { status: response.status, body: (await answerText(response, MAX_ANSWER_BYTES)) ?? '' };
    const reading = readToken(answer, askedAtMs, previous);
    if (!reading.ok) return { kind: 'failed', detail: reading.reason };
    return { kind: 'held', held: reading.held, wasFetched: true };
  } catch (error) {
    if (isQuota(error)) return { kind: 'quota' };
    const why = abort.signal.aborted
      ? `did not answer within ${DEADLINE_MS / 1000} s`
      : 'could not be reached';
    return { kind: 'failed', detail: `the token server ${why}` };
  } finally {
    clearTimeout(timer);
  }
}
