/**
 * The relay's HTTP API as a subscriber calls it: plain fetch, JSON in and out, no knowledge of the inside. Every
 * answer is held against /openapi.json on the way.
 */
import { answersOf } from './answers.ts';
import { checkBySwagger } from './swagger.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined for an empty body. */
  readonly body: unknown;
  /** The body as it came. */
  readonly text: string;
}

/** RFC 9457, as every refusal of the relay. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errors?: readonly { readonly path: string; readonly expected: string; readonly got: string }[];
}

export interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
}

export interface Key {
  readonly id: string;
  readonly key: string;
}

export interface Source {
  readonly id: string;
  readonly inboundUrl: string;
  readonly secret: string;
}

export interface Hook {
  readonly id: number;
  readonly secret: string;
  readonly state: string;
  readonly stateReason: string | null;
  readonly stats: { readonly pending: number; readonly delivered: number; readonly dead: number };
}

export interface Delivery {
  readonly eventId: string;
  readonly sequence: number | null;
  readonly status: string;
  readonly attempts: number;
  readonly nextAttemptAt: string | null;
  readonly finishedAt: string | null;
  readonly reason: string | null;
}

export interface Attempt {
  readonly number: number;
  readonly at: string;
  readonly durationMs: number;
  readonly outcome: string;
  readonly statusCode: number | null;
  readonly error: string | null;
  readonly detail: string | null;
  readonly requestHeaders: Readonly<Record<string, string>> | null;
  readonly responseHeaders: Readonly<Record<string, string>> | null;
  readonly responseExcerpt: string | null;
}

export interface HookDelivery {
  readonly hookId: number;
  readonly status: string;
  readonly attempts: number;
  readonly reason: string | null;
}

/** What `?hook=` tells besides. */
export interface Explanation extends HookDelivery {
  readonly nextAttemptAt: string | null;
  readonly waiting: { readonly reason: string; readonly until: string | null } | null;
  readonly attemptLog: readonly Attempt[];
}

/** An event's envelope. */
export type Envelope = Readonly<Record<string, unknown>> & { readonly posthornid: string };

export interface Accepted {
  readonly id: string;
  readonly duplicate: boolean;
}

type Members = Readonly<Record<string, unknown>>;

export class Api {
  readonly url: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** `key` null: none is sent. */
  constructor(url: string, key: string | null, tenant?: string) {
    this.url = url;
    this.#headers = {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(tenant === undefined ? {} : { 'posthorn-tenant': tenant }),
    };
  }

  /** Any call; a body that is not bytes or text goes out as JSON. */
  async request(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    return call(method, new URL(path, this.url), body, {
      ...this.#headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    });
  }

  /** The body of an answer of that status; any other throws. */
  async expect(status: number, method: string, path: string, body?: unknown): Promise<unknown> {
    const reply = await this.request(method, path, body);
    if (reply.status !== status) {
      throw new Error(`${method} ${path}: expected ${status}, got ${reply.status} ${reply.text}`);
    }
    return reply.body;
  }

  async createTenant(id: string): Promise<void> {
    await this.expect(201, 'POST', '/v1/tenants', { id });
  }

  async createKey(role = 'admin'): Promise<Key> {
    return (await this.expect(201, 'POST', '/v1/keys', { name: 'test', role })) as Key;
  }

  async createSource(members: Members): Promise<Source> {
    return (await this.expect(201, 'POST', '/v1/sources', members)) as Source;
  }

  async createHook(members: Members): Promise<Hook> {
    return (await this.expect(201, 'POST', '/v1/hooks', members)) as Hook;
  }

  async patchHook(id: number, members: Members): Promise<Hook> {
    return (await this.expect(200, 'PATCH', `/v1/hooks/${id}`, members)) as Hook;
  }

  async hook(id: number): Promise<Hook> {
    return (await this.expect(200, 'GET', `/v1/hooks/${id}`)) as Hook;
  }

  async publish(event: Members): Promise<Accepted> {
    return (await this.expect(202, 'POST', '/v1/events', event)) as Accepted;
  }

  /** Newest first. */
  async events(query = ''): Promise<readonly Envelope[]> {
    return ((await this.expect(200, 'GET', `/v1/events${query}`)) as Page<Envelope>).data;
  }

  async event(id: string): Promise<{ event: Envelope; deliveries: readonly HookDelivery[] }> {
    const view = await this.expect(200, 'GET', `/v1/events/${id}`);
    return view as { event: Envelope; deliveries: readonly HookDelivery[] };
  }

  /** What became of an event for one hook. */
  async explain(eventId: string, hookId: number): Promise<Explanation> {
    const view = await this.expect(200, 'GET', `/v1/events/${eventId}?hook=${hookId}`);
    const [only, ...others] = (view as { deliveries: Explanation[] }).deliveries;
    if (only === undefined || others.length > 0) throw new Error('expected one delivery');
    return only;
  }

  /** Newest first. */
  async deliveries(hookId: number, query = ''): Promise<readonly Delivery[]> {
    const page = await this.expect(200, 'GET', `/v1/hooks/${hookId}/deliveries${query}`);
    return (page as { data: Delivery[] }).data;
  }

  /** With its attempts, oldest first. */
  async delivery(
    hookId: number,
    eventId: string,
  ): Promise<Delivery & { readonly attemptLog: readonly Attempt[] }> {
    const delivery = await this.expect(200, 'GET', `/v1/hooks/${hookId}/deliveries/${eventId}`);
    return delivery as Delivery & { attemptLog: Attempt[] };
  }

  /** All pages of a list, one after the other; `between` runs after each of them. */
  async pages<T>(path: string, between?: () => Promise<unknown>): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const next: string = cursor === '' ? path : `${path}${path.includes('?') ? '&' : '?'}cursor=${cursor}`;
      const page = (await this.expect(200, 'GET', next)) as Page<T>;
      items.push(...page.data);
      cursor = page.nextCursor;
      await between?.();
    }
    return items;
  }
}

/** One call without any key; bytes, text and streams go out as they are, anything else as JSON. */
export async function call(
  method: string,
  url: URL | string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const answers = await answersOf(String(url));
  const isRaw = typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream;
  const sent = body === undefined || isRaw ? (body as RequestInit['body']) : JSON.stringify(body);
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    ...(sent === undefined ? {} : { body: sent }),
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  });
  const text = await response.text();
  answers.check(method, String(url), { status: response.status, headers: response.headers, text });
  checkBySwagger(method, new URL(url).pathname, response.status, text);
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : parsed(text),
    text,
  };
}

/** A refusal in one line: `400 invalid /name /url`, with the paths of its errors. */
export function refusal({ status, body }: Reply): string {
  const { code, errors = [] } = body as Problem;
  return [status, code, ...errors.map(({ path }) => path)].join(' ');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
