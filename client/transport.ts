/** One call of the relay: its URL, its headers, its tries, its answer. */
import { PosthornError, UnreachableError, errorOf, strangeAnswer } from './error.ts';
import { List, type Page } from './list.ts';
import { pause, retryAfterSeconds, waitBeforeNext } from './retry.ts';
import type { AnswerOf, InputOf, ItemOf, QueryOf, Route } from './route.ts';

const DEFAULT_RETRIES = 3;
const DEFAULT_TIMEOUT_MS = 60_000;

/** Opens a WebSocket. `headers` are for those that can send some: a browser cannot. */
export type Connect = (
  url: string,
  protocols: readonly string[],
  headers: Readonly<Record<string, string>>,
) => WebSocket;

export interface ClientOptions {
  /** Of the relay, such as `https://relay.example.com`. */
  readonly url: string;
  /** A key of a tenant, or the admin key. */
  readonly key?: string | undefined;
  /** With the admin key: whose registrations and events. Without it: `default`. */
  readonly tenant?: string | undefined;
  /** How often a safe call is made once more. Default 3. */
  readonly retries?: number | undefined;
  /** How long to wait for the head of an answer. Default 60 s. */
  readonly timeoutMs?: number | undefined;
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /** Default: the platform’s WebSocket, with the key as a subprotocol. */
  readonly connect?: Connect | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** The ETag that the registration must still have; see `etagOf`. */
  readonly ifMatch?: string | undefined;
  /** Makes the call safe to repeat: the relay answers the same again for 24 hours. */
  readonly idempotencyKey?: string | undefined;
}

type Query = Readonly<Record<string, unknown>>;

interface AnyInput {
  readonly params?: Query | undefined;
  readonly query?: Query | undefined;
  readonly body?: unknown;
}

export interface Outgoing {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: BodyInit | undefined;
}

const etags = new WeakMap<object, string>();

/** The ETag that came with an answer; undefined where none did. */
export function etagOf(answer: object): string | undefined {
  return etags.get(answer);
}

export class Transport {
  readonly options: ClientOptions;

  constructor(options: ClientOptions) {
    this.options = options;
  }

  /** The call of a route; its answer is typed by the route's own schemas. */
  async call<R extends Route>(
    method: R['method'],
    path: R['path'],
    input: InputOf<R>,
    options: CallOptions = {},
  ): Promise<AnswerOf<R>> {
    const { params, query, body }: AnyInput = input;
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const outgoing = { method, url: this.urlOf(path, params, query), headers, ...json };
    return (await this.#valueOf(await this.send(outgoing, options))) as AnswerOf<R>;
  }

  /** A list that is read page by page. */
  list<R extends Route>(
    path: R['path'],
    input: { readonly params?: Query; readonly query?: QueryOf<R> | undefined },
    options: CallOptions = {},
  ): List<ItemOf<R>> {
    return new List(async (cursor) => {
      const query = { ...input.query, ...(cursor === undefined ? {} : { cursor }) };
      const response = await this.send(
        { method: 'get', url: this.urlOf(path, input.params, query), headers: {} },
        options,
      );
      return (await this.#valueOf(response)) as Page<ItemOf<R>>;
    });
  }

  /** The answer of a call, good or bad: what is not 2xx is thrown. Safe calls are repeated. */
  async send(outgoing: Outgoing, options: CallOptions = {}): Promise<Response> {
    const { signal, idempotencyKey, ifMatch } = options;
    const headers = {
      ...this.headers(),
      ...outgoing.headers,
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    };
    const isSafe = outgoing.method === 'get' || outgoing.method === 'head' || idempotencyKey !== undefined;
    const maxTries = 1 + (this.options.retries ?? DEFAULT_RETRIES);
    for (let number = 1; ; number++) {
      const result = await this.#try({ ...outgoing, headers }, signal);
      const isAnswer = !(result instanceof UnreachableError);
      if (isAnswer && result.ok) return result;
      const asked = isAnswer ? retryAfterSeconds(result.headers.get('retry-after'), Date.now()) : null;
      const status = isAnswer ? result.status : null;
      const waitMs = waitBeforeNext(
        { isSafe, number, maxTries, status, retryAfterSeconds: asked },
        Math.random(),
      );
      if (waitMs === null) throw isAnswer ? await errorOf(result, asked) : result;
      if (isAnswer) await result.body?.cancel();
      await pause(waitMs, signal);
    }
  }

  urlOf(path: string, params: Query = {}, query: Query = {}): string {
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = params[name];
      if (typeof value !== 'string' && typeof value !== 'number')
        throw new TypeError(`${path} needs ${name}`);
      return encodeURIComponent(value);
    });
    const url = new URL(
      `.${filled}`,
      this.options.url.endsWith('/') ? this.options.url : `${this.options.url}/`,
    );
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, `${value as string | number | boolean}`);
    }
    return url.href;
  }

  headers(): Record<string, string> {
    const { key, tenant } = this.options;
    return {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(tenant === undefined ? {} : { 'posthorn-tenant': tenant }),
    };
  }

  async #try(outgoing: Outgoing, signal: AbortSignal | undefined): Promise<Response | UnreachableError> {
    const { method, url, headers, body } = outgoing;
    const fetchOnce = this.options.fetch ?? ((to: string, init: RequestInit) => fetch(to, init));
    // The wait is for the head alone: a long export goes on for as long as it takes.
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    try {
      return await fetchOnce(url, {
        method: method.toUpperCase(),
        headers,
        redirect: 'manual',
        signal: signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]),
        ...(body === undefined
          ? {}
          : { body, ...(body instanceof ReadableStream ? { duplex: 'half' } : {}) }),
      });
    } catch (error) {
      signal?.throwIfAborted();
      return new UnreachableError(url, late.signal.aborted ? new Error('it took too long') : error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #valueOf(response: Response): Promise<unknown> {
    const text = await response.text();
    if (text === '') return undefined;
    const value = jsonOf(text);
    if (value === undefined) throw new PosthornError(strangeAnswer(response, text));
    const etag = response.headers.get('etag');
    if (etag !== null && typeof value === 'object' && value !== null) etags.set(value, etag);
    return value;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
