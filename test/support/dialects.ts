/** Registrations as the providers' own clients send them. */
import { Api, type Reply } from './api.ts';
import type { Tenant } from './tenant.ts';

type Members = Readonly<Record<string, unknown>>;

/** A SuperOffice webhook to save, as the vendor's registration page has it. */
export function webhook(targetUrl: string, members: Members = {}): Record<string, unknown> {
  return {
    Name: 'Tonys Contact Handler',
    Events: ['contact.created', 'contact.changed', 'contact.deleted'],
    TargetUrl: targetUrl,
    Secret: 'Something Super Secret',
    State: 'Active',
    Type: 'webhook',
    ...members,
  };
}

/** A SuperOffice webhook as it is answered. */
export interface Webhook {
  readonly WebhookId: number;
  readonly Name: string | null;
  readonly Events: readonly string[];
  readonly TargetUrl: string | null;
  readonly Secret: string | null;
  readonly State: string;
  readonly Headers: Readonly<Record<string, string>> | null;
  readonly Properties: Readonly<Record<string, unknown>> | null;
}

export const WEBHOOKS = '/api/v1/Webhook';

export async function createWebhook({ api }: Pick<Tenant, 'api'>, members: Members): Promise<Webhook> {
  return (await api.expect(200, 'POST', WEBHOOKS, members)) as Webhook;
}

export async function putWebhook({ api }: Tenant, id: number, members: Members): Promise<Webhook> {
  return (await api.expect(200, 'PUT', `${WEBHOOKS}/${id}`, members)) as Webhook;
}

export async function getWebhook({ api }: Tenant, id: number): Promise<Webhook> {
  return (await api.expect(200, 'GET', `${WEBHOOKS}/${id}`)) as Webhook;
}

export async function listWebhooks({ api }: Tenant, query = ''): Promise<readonly Webhook[]> {
  return (await api.expect(200, 'GET', `${WEBHOOKS}${query}`)) as Webhook[];
}

/** `400 ArgumentException`, and the text of a refusal, which stands in two members. */
export function superofficeRefusal({ status, body }: Reply): readonly [string, string] {
  const { Error, ErrorType, ErrorMessage, Message, ErrorSource, ...others } = body as Record<string, unknown>;
  if (Error !== true || Message !== ErrorMessage || typeof ErrorSource !== 'string') {
    throw new globalThis.Error(`no refusal of SuperOffice’s shape: ${JSON.stringify(body)}`);
  }
  if (Object.keys(others).length > 0) throw new globalThis.Error(`too many members: ${JSON.stringify(body)}`);
  return [`${status} ${String(ErrorType)}`, String(Message)];
}

/** A Deskera registration, as the vendor's page has it. */
export function registration(webhookUrl: string, members: Members = {}): Record<string, unknown> {
  return {
    clientId: 'cl_pub...',
    clientSecret: 'cl_priv...',
    accessToken: 'sampleaccesstoken',
    refreshToken: 'samplerefreshtoken',
    eventType: 'CREATE_PRODUCTS',
    webhookUrl,
    ...members,
  };
}

/** A Deskera hook as it is answered. */
export interface DeskeraHook {
  readonly hookId: number;
  readonly eventType: string;
  readonly webhookUrl: string;
  readonly deleted: boolean;
}

/** A client of Deskera: its key goes into x-access-token. */
export class DeskeraClient {
  readonly #api: Api;
  readonly #key: string | null;

  constructor(url: string, key: string | null) {
    this.#api = new Api(url, null);
    this.#key = key;
  }

  request(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    const token = this.#key === null ? {} : { 'x-access-token': this.#key };
    return this.#api.request(method, path, body, { ...token, ...headers });
  }

  async register(body: Members, base = '/v1/webhooks'): Promise<DeskeraHook> {
    return expected(await this.request('POST', `${base}/register`, body)) as DeskeraHook;
  }

  async delete(id: number, base = '/v1/webhooks'): Promise<DeskeraHook> {
    return expected(await this.request('DELETE', `${base}/delete/${id}`)) as DeskeraHook;
  }

  async list(base = '/v1/webhooks'): Promise<readonly DeskeraHook[]> {
    return expected(await this.request('GET', base)) as DeskeraHook[];
  }
}

/** `400 BAD_REQUEST`, then the fields it names. */
export function deskeraRefusal({ status, body }: Reply): string {
  const { code, errorMessage, httpStatus, errors = [], ...others } = body as Record<string, unknown>;
  if (code !== status || typeof errorMessage !== 'string' || Object.keys(others).length > 0) {
    throw new Error(`no refusal of Deskera’s shape: ${JSON.stringify(body)}`);
  }
  const fields = (errors as { field: string }[]).map(({ field }) => field);
  return [status, httpStatus, ...fields].join(' ');
}

function expected(reply: Reply): unknown {
  if (reply.status !== 200) throw new Error(`expected 200, got ${reply.status} ${reply.text}`);
  return reply.body;
}
