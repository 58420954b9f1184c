/**
 * A delivery as SuperOffice sends it: its body with the hook's own name and properties, its four headers. What the
 * body says otherwise stays as it came, to the letter.
 * Source: SuperOffice docs, webhook notification and security pages.
 */
import { exactJson } from '../../core/exact-numbers.ts';
import { withoutBom } from '../../core/body.ts';
import { members } from '../../core/json-text.ts';
import { signatureOf } from './signature.ts';
import { type Words } from './vocabulary.ts';

/** The members SuperOffice sets itself: no property of a hook replaces them. */
const RESERVED = new Set(
  [
    'EventId',
    'Timestamp',
    'Changes',
    'Values',
    'Event',
    'PrimaryKey',
    'Entity',
    'ContextIdentifier',
    'ChangedByAssociateId',
    'WebhookName',
    'FieldValues',
  ].map((name) => name.toLowerCase()),
);

/** SuperOffice's name of the event that tries a target out. */
export const TEST_EVENT = 'test';

export type Properties = Readonly<Record<string, unknown>>;

/** `raw`: the body of an event as SuperOffice has it, a JSON object. */
export function deliveryBody(
  raw: Uint8Array,
  webhookName: string,
  properties: Properties | null,
): Uint8Array {
  const text = new TextDecoder().decode(withoutBom(raw));
  const own = ownMembers(webhookName, properties);
  const parts = members(text)
    .filter(({ name }) => !own.has(name.toLowerCase()))
    .map(({ nameStart, end }) => text.slice(nameStart, end));
  return new TextEncoder().encode(`{${[...parts, ...own.values()].join(',')}}`);
}

/** The body of the `test` event, with which a target is tried out. `eventId` is a GUID, `timestamp` RFC 3339. */
export function testEventBody(eventId: string, timestamp: string, context: string): Uint8Array {
  const test = { event: TEST_EVENT, entity: 'test', primaryKey: 0 };
  return eventBody(test, { eventId, timestamp, context });
}

/** Which event it is, when it happened (RFC 3339) and to whom, as SuperOffice's ContextIdentifier. */
export interface Occurrence {
  readonly eventId: string;
  readonly timestamp: string;
  readonly context: string;
}

/** The body of an event that SuperOffice did not send. No columns are named, and nobody is said to have changed them. */
export function eventBody(
  { event, entity, primaryKey }: Words,
  { eventId, timestamp, context }: Occurrence,
): Uint8Array {
  const body = {
    EventId: eventId,
    Timestamp: inUtc(timestamp),
    Changes: [],
    Event: event,
    PrimaryKey: primaryKey,
    Entity: entity,
    ContextIdentifier: context,
    ChangedByAssociateId: 0,
  };
  return new TextEncoder().encode(JSON.stringify(body));
}

/** SuperOffice's time stamps are in UTC. One that is keeps its text, and so does a leap second, which no Date holds. */
function inUtc(timestamp: string): string {
  const ms = Date.parse(timestamp);
  return /z$/i.test(timestamp) || Number.isNaN(ms) ? timestamp : new Date(ms).toISOString();
}

/** `retry` counts from 0. Without a secret there is no signature. */
export function deliveryHeaders(
  { event, eventId, retry }: { event: string; eventId: string; retry: number },
  secret: string | null,
  body: Uint8Array,
): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'x-superoffice-event': event,
    'x-superoffice-eventid': eventId,
    'x-superoffice-retry': String(retry),
    ...(event === TEST_EVENT ? { 'x-hook-test': 'true' } : {}),
    ...(secret === null ? {} : { 'x-superoffice-signature': signatureOf(body, secret) }),
  };
}

/** The members that are the hook's, by lower-case name, each as JSON text with its name. */
function ownMembers(webhookName: string, properties: Properties | null): Map<string, string> {
  const own = new Map<string, string>();
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (!RESERVED.has(name.toLowerCase())) own.set(name.toLowerCase(), memberText(name, value));
  }
  return own.set('webhookname', memberText('WebhookName', webhookName));
}

function memberText(name: string, value: unknown): string {
  return `${JSON.stringify(name)}:${JSON.stringify(exactJson(value))}`;
}
