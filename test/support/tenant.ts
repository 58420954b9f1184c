/** Tenants and the traffic of their providers, for tests on a relay that runs. */
import { createHmac, randomUUID } from 'node:crypto';
import { Api, type Accepted, type Reply, type Source, call } from './api.ts';
import type { Relay } from './relay.ts';

export interface Tenant {
  readonly id: string;
  readonly key: string;
  /** With the tenant's own key. */
  readonly api: Api;
}

/** A tenant of its own, so that tests on one relay do not meet. */
export async function newTenant(relay: Pick<Relay, 'url' | 'adminKey'>): Promise<Tenant> {
  const id = `t-${randomUUID()}`;
  await new Api(relay.url, relay.adminKey).createTenant(id);
  const { key } = await new Api(relay.url, relay.adminKey, id).createKey();
  return { id, key, api: new Api(relay.url, key) };
}

type Body = string | Uint8Array | ReadableStream;

/** A request of a provider, as it is. */
export function arrive(
  source: Pick<Source, 'inboundUrl'>,
  body: Body,
  headers: Readonly<Record<string, string>> = {},
  eventType = '',
): Promise<Reply> {
  return call('POST', `${source.inboundUrl}${eventType}`, body, headers);
}

/** Base64 of HMAC-SHA256 over the exact body. */
export function signatureOf(body: string | Uint8Array, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('base64');
}

/** A request signed as SuperOffice signs. */
export function arriveSigned(
  source: Pick<Source, 'inboundUrl' | 'secret'>,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  return arrive(source, body, {
    'content-type': 'application/json; charset=utf-8',
    'x-superoffice-signature': signatureOf(body, source.secret),
    ...headers,
  });
}

/** A SuperOffice body with an id of its own. */
export function superofficeBody(members: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    EventId: randomUUID(),
    Timestamp: '2018-04-24T07:50:50.6812131Z',
    Changes: ['contact_id'],
    Event: 'contact.changed',
    PrimaryKey: 994863,
    Entity: 'contact',
    ContextIdentifier: 'Cust1234',
    ChangedByAssociateId: 316,
    WebhookName: 'test',
    ...members,
  });
}

/** What an accepted request was answered; any other answer throws. */
export function accepted(reply: Reply): Accepted {
  if (reply.status !== 200) throw new Error(`expected 200, got ${reply.status} ${reply.text}`);
  return reply.body as Accepted;
}

let published = 0;

/** An own event that nobody else publishes. */
export function ownEvent(members: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  published += 1;
  return {
    specversion: '1.0',
    id: `own-${published}`,
    source: '/test',
    type: 'test.thing.happened',
    ...members,
  };
}
