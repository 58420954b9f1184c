/** Calls of the relay that serves this page, with the key of this tab, by the typed client. */
import { type Posthorn, PosthornError, UnreachableError, posthorn } from '../../../client/posthorn.ts';
import { CallFailed, unexpected, unreachable } from './failure.ts';
import type { Session } from './session.ts';

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Sent {
  readonly body?: unknown;
  readonly ifMatch?: string | undefined;
  readonly signal?: AbortSignal;
}

/** A page says what went wrong and has a button for once more: waiting longer in silence helps nobody. */
const RETRIES = 1;

const etags = new WeakMap<object, string>();

/** The ETag that came with an answer: of the configuration that was read. */
export function etagOf(answer: object): string | undefined {
  return etags.get(answer);
}

export class Relay {
  readonly client: Posthorn;
  readonly #onSignedOut: () => void;

  /** `onSignedOut`: told when the key is good for nothing any more. */
  constructor({ key, tenant }: Session, onSignedOut: () => void) {
    this.client = posthorn({ url: location.origin, key, tenant: tenant ?? undefined, retries: RETRIES });
    this.#onSignedOut = onSignedOut;
  }

  async read<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    return jsonOf<T>(
      await this.fetch('GET', path + queryText(query), signal === undefined ? {} : { signal }),
    );
  }

  /** A call that changes something; its answer, if it has one. */
  async call<T = undefined>(method: string, path: string, sent: Sent = {}): Promise<T> {
    return jsonOf<T>(await this.fetch(method, path, sent));
  }

  /** The answer of a call that went well; every other one is thrown as a `CallFailed`. */
  async fetch(method: string, path: string, { body, ifMatch, signal }: Sent = {}): Promise<Response> {
    const json = { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    try {
      return await this.client.request(method, path, body === undefined ? {} : json, { signal, ifMatch });
    } catch (error) {
      if (error instanceof UnreachableError) throw new CallFailed(unreachable());
      if (!(error instanceof PosthornError)) throw error;
      const { status, code, detail, problems, retryAfterSeconds } = error;
      if (status === 401) this.#onSignedOut();
      // What a proxy says is a page; its status says enough.
      if (code === 'unexpected-answer') throw new CallFailed(unexpected(status));
      throw new CallFailed({ status, code, detail, errors: problems, retryAfterSeconds });
    }
  }
}

async function jsonOf<T>(response: Response): Promise<T> {
  const text = await response.text().catch(() => {
    throw new CallFailed(unreachable());
  });
  if (text === '') return undefined as T;
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new CallFailed(unexpected(response.status));
  }
  const etag = response.headers.get('etag');
  if (etag !== null && typeof answer === 'object' && answer !== null) etags.set(answer, etag);
  return answer as T;
}

/** What is empty is not sent. */
export function queryText(query: Query): string {
  const sent = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') sent.set(name, String(value));
  }
  const text = sent.toString();
  return text === '' ? '' : `?${text}`;
}
