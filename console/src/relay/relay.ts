/** Calls of the relay that serves this page, with the key of this tab. */
import { CallFailed, failureOf, unreachable } from './failure.ts';
import type { Session } from './session.ts';

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Sent {
  readonly body?: unknown;
  readonly ifMatch?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const etags = new WeakMap<object, string>();

/** The ETag that came with an answer: of the configuration that was read. */
export function etagOf(answer: object): string | undefined {
  return etags.get(answer);
}

export class Relay {
  readonly #session: Session;
  readonly #onSignedOut: () => void;

  /** `onSignedOut`: told when the key is good for nothing any more. */
  constructor(session: Session, onSignedOut: () => void) {
    this.#session = session;
    this.#onSignedOut = onSignedOut;
  }

  async read<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    return this.#json<T>(
      await this.fetch('GET', path + queryText(query), signal === undefined ? {} : { signal }),
    );
  }

  /** A call that changes something; its answer, if it has one. */
  async call<T = undefined>(method: string, path: string, sent: Sent = {}): Promise<T> {
    return this.#json<T>(await this.fetch(method, path, sent));
  }

  /** The answer of a call that went well; every other one is thrown as a `CallFailed`. */
  async fetch(
    method: string,
    path: string,
    { body, ifMatch, headers, signal }: Sent = {},
  ): Promise<Response> {
    const { key, tenant } = this.#session;
    const response = await fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(tenant === null ? {} : { 'posthorn-tenant': tenant }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
      cache: 'no-store',
    }).catch((error: unknown) => {
      if (signal?.aborted === true) throw error;
      throw new CallFailed(unreachable());
    });
    if (response.ok) return response;
    const text = await response.text().catch(() => '');
    if (response.status === 401) this.#onSignedOut();
    throw new CallFailed(failureOf(response.status, text, response.headers.get('retry-after')));
  }

  async #json<T>(response: Response): Promise<T> {
    const text = await response.text().catch(() => {
      throw new CallFailed(unreachable());
    });
    if (text === '') return undefined as T;
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch {
      // Such as the page of a proxy, with status 200.
      throw new CallFailed(failureOf(response.status, '', null));
    }
    const etag = response.headers.get('etag');
    if (etag !== null && typeof answer === 'object' && answer !== null) etags.set(answer, etag);
    return answer as T;
  }
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
