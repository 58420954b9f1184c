/** The relay's HTTP API as a subscriber calls it: plain fetch, JSON in and out, no knowledge of the inside. */

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined for an empty body. */
  readonly body: unknown;
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
}

export interface Delivery {
  readonly eventId: string;
  readonly sequence: number | null;
  readonly status: string;
  readonly attempts: number;
  readonly nextAttemptAt: string | null;
  readonly reason: string | null;
}

export interface Accepted {
  readonly id: string;
  readonly duplicate: boolean;
}

export class Api {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, key: string, tenant?: string) {
    this.#url = url;
    this.#headers = {
      authorization: `Bearer ${key}`,
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
    const sent =
      body === undefined || typeof body === 'string' || body instanceof Uint8Array
        ? (body as string | Uint8Array<ArrayBuffer> | undefined)
        : JSON.stringify(body);
    const response = await fetch(new URL(path, this.#url), {
      method,
      headers: {
        ...this.#headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: sent }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : parsed(text),
    };
  }

  async createSource(members: Readonly<Record<string, unknown>>): Promise<Source> {
    return (await this.#expect(201, 'POST', '/v1/sources', members)) as Source;
  }

  async createHook(members: Readonly<Record<string, unknown>>): Promise<Hook> {
    return (await this.#expect(201, 'POST', '/v1/hooks', members)) as Hook;
  }

  async hook(id: number): Promise<Hook> {
    return (await this.#expect(200, 'GET', `/v1/hooks/${id}`)) as Hook;
  }

  async publish(event: Readonly<Record<string, unknown>>): Promise<Accepted> {
    return (await this.#expect(202, 'POST', '/v1/events', event)) as Accepted;
  }

  /** Newest first. */
  async deliveries(hookId: number, query = ''): Promise<readonly Delivery[]> {
    const page = await this.#expect(200, 'GET', `/v1/hooks/${hookId}/deliveries${query}`);
    return (page as { data: Delivery[] }).data;
  }

  async #expect(status: number, method: string, path: string, body?: unknown): Promise<unknown> {
    const reply = await this.request(method, path, body);
    if (reply.status !== status) {
      throw new Error(
        `${method} ${path}: expected ${status}, got ${reply.status} ${JSON.stringify(reply.body)}`,
      );
    }
    return reply.body;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
