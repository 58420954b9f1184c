/**
 * An event's envelope, CloudEvents 1.0 in JSON, as it is stored and as it is sent. What is stored is the text in front
 * of the provider's body; the body itself is kept as bytes and put in unchanged whenever a body is made.
 * Verifies nothing and reads no provider's format.
 */
import { attributeText } from './attribute.ts';
import { bytesOfBase64 } from './base64.ts';
import { withoutBom } from './body.ts';
import { type EventId } from './event-id.ts';
import { HOPS_ATTRIBUTE } from './hops.ts';
import { type Member, members, membersByName, scalarText, stringText, valueAt } from './json-text.ts';
import { closed, isDataKind, isSpliced, splice, type DataKind, type SplicedKind } from './splice.ts';
import { occurredAt } from './time.ts';

/** How the sender of an event was told from anybody else: by a signature over what it says, by a secret that it showed, or not at all. */
export type Assurance = 'signature' | 'token' | 'none';

/** The place of an event among those of one request, from 0; and how many they were. */
export interface Batch {
  readonly index: number;
  readonly count: number;
}

/** What a provider's event says, in the relay's words. What it does not say is null, [] or {}. */
export interface Facts {
  /** The provider's own id of the event, by which it is told from a repetition. */
  readonly id: string | null;
  /** The provider's own name of the event. */
  readonly event: string | null;
  /** Lower case. */
  readonly entity: string;
  /** Lower case. */
  readonly action: string;
  /** With the number text as sent. Null when unknown or 0. */
  readonly entityId: string | null;
  /** The envelope's `source`, a URI reference. */
  readonly source: string;
  readonly account: string | null;
  readonly actor: string | null;
  readonly webhookName: string | null;
  /** The provider's own text, whether or not it is a time. */
  readonly time: string | null;
  readonly changes: readonly string[];
  readonly identifiers: Readonly<Record<string, string>>;
  readonly assurance: Assurance;
  readonly raw:
    | { readonly kind: 'json'; readonly text: string }
    | { readonly kind: 'bytes'; readonly contentType: string | null };
}

/** Where and when an event entered the tenant's log. */
export interface Place {
  readonly seq: number;
  readonly posthornId: EventId;
  readonly recordedAtMs: number;
  /** Relays that it has passed, where it came from one. */
  readonly hops?: number;
}

export interface StoredEnvelope {
  /** The envelope's text up to where the body goes, or all of it when there is nothing to put in. */
  readonly head: string;
  /**
   * How the stored body goes in (splice.ts), or `whole`: not at all. `own`: the body is an envelope itself, and `head`
   * holds the relay's three attributes, which take the place of its own. `expunged`: `head` is what is left, and there is
   * no body any more.
   */
  readonly kind: SplicedKind | 'whole' | 'own' | 'expunged';
}

/** An envelope with the attributes by which events are found. */
export interface SealedEnvelope extends StoredEnvelope {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string | null;
  readonly time: string | null;
}

/** The attributes of an event that came as an envelope of its own. */
export interface PublishedEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string | null;
  readonly time: string | null;
  /** Relays that it has passed, where it came from one. */
  readonly hops?: number;
  /** None: the body is the envelope. */
  readonly binary?: BinaryEnvelope;
}

/** An envelope whose attributes came beside its data, which is the body. */
export interface BinaryEnvelope {
  /** All of them but those that the relay sets: a JSON object. */
  readonly attributes: string;
  /** Null: there is no data. */
  readonly data: DataKind | null;
}

/** The attributes the relay sets, the last one only on what came from a relay. */
export const RELAY_ATTRIBUTES: ReadonlySet<string> = new Set([
  'sequence',
  'recordedtime',
  'posthornid',
  HOPS_ATTRIBUTE,
]);

/** Closes `data` and the envelope. */
const TAIL = '}}';

export function typeOf(provider: string, entity: string, action: string): string {
  return attributeText(`${provider}.${entity}.${action}`);
}

export function subjectOf(entity: string, entityId: string | null): string | null {
  return entityId === null ? null : attributeText(`${entity}/${entityId}`);
}

export interface ProviderContext extends Place {
  readonly provider: string;
  readonly sourceId: string | null;
  /** The envelope's: that of the facts, or a new one when they have none. */
  readonly id: string;
  /** None: it came alone. */
  readonly batch?: Batch | null;
}

export function sealProvider(
  facts: Facts,
  { provider, sourceId, id, batch = null, ...place }: ProviderContext,
): SealedEnvelope {
  const { raw } = facts;
  const relay = relayAttributes(place);
  const attributes = {
    id,
    source: facts.source,
    type: typeOf(provider, facts.entity, facts.action),
    subject: subjectOf(facts.entity, facts.entityId),
    time: occurredAt(facts.time, relay.recordedtime),
  };
  const envelope = {
    specversion: '1.0',
    ...attributes,
    subject: attributes.subject ?? undefined,
    datacontenttype: 'application/json',
    ...relay,
    data: {
      provider,
      sourceId,
      event: facts.event,
      entity: facts.entity,
      action: facts.action,
      entityId: facts.entityId,
      account: facts.account,
      actor: facts.actor,
      webhookName: facts.webhookName,
      verified: facts.assurance === 'signature',
      assurance: facts.assurance,
      batch,
      changes: facts.changes,
      identifiers: facts.identifiers,
      ...(raw.kind === 'bytes' ? { rawContentType: raw.contentType } : {}),
    },
  };
  const head = JSON.stringify(envelope).slice(0, -TAIL.length);
  return { head, kind: raw.kind === 'json' ? 'json' : 'base64', ...attributes };
}

/** A posted body that is the envelope stays it; see `structuredBody`. */
export function sealOwn(event: PublishedEvent, place: Place): SealedEnvelope {
  const { id, source, type, subject, time, hops = 0, binary } = event;
  const relay = JSON.stringify(relayAttributes({ ...place, hops }));
  return { ...ownEnvelope(relay, binary), id, source, type, subject, time };
}

function ownEnvelope(relay: string, binary: BinaryEnvelope | undefined): StoredEnvelope {
  if (binary === undefined) return { head: relay, kind: 'own' };
  const open = `${binary.attributes.slice(0, -1)},${relay.slice(1, -1)}`;
  return binary.data === null ? { head: `${open}}`, kind: 'whole' } : { head: open, kind: binary.data };
}

/** An envelope of the relay's own making, complete but for the relay's attributes. */
export function sealWhole(envelope: object, place: Place): StoredEnvelope {
  return { head: JSON.stringify({ ...envelope, ...relayAttributes(place) }), kind: 'whole' };
}

/** The envelope as it is sent and shown. `raw` is the stored body, byte for byte as it came. */
export function structuredBody(stored: StoredEnvelope, raw: Uint8Array): Uint8Array {
  if (isSpliced(stored.kind)) return splice(stored.head, stored.kind, raw);
  return utf8(skeletonText(stored, raw));
}

/** The value of `data` alone, as a binary-mode message carries it. */
export function dataBody(stored: StoredEnvelope, raw: Uint8Array): Uint8Array {
  if (isDataKind(stored.kind)) return raw;
  const skeleton = skeletonText(stored, raw);
  const attributes = membersByName(skeleton);
  const data = attributes.get('data');
  if (stored.kind === 'json' || stored.kind === 'base64') {
    return splice(stored.head.slice(data?.start), stored.kind, raw, '}');
  }

  const base64 = textOf(skeleton, attributes.get('data_base64'));
  if (base64 !== null) return bytesOfBase64(base64);
  if (data === undefined) return new Uint8Array();
  const contentType = textOf(skeleton, attributes.get('datacontenttype')) ?? 'application/json';
  const text = isJsonMediaType(contentType) ? null : textOf(skeleton, data);
  return utf8(text ?? skeleton.slice(data.start, data.end));
}

/** What came in as text: the provider's body, unchanged, or the data of an own event. */
export function rawTextOf(stored: StoredEnvelope, raw: Uint8Array): string {
  const bytes = stored.kind === 'own' ? dataBody(stored, raw) : withoutBom(raw);
  return new TextDecoder().decode(bytes);
}

/** Whether it came as an envelope, of a publisher's or of the relay's own, and not as a provider's body. */
export function isOwn(kind: StoredEnvelope['kind']): boolean {
  return kind === 'own' || kind === 'whole' || isDataKind(kind);
}

/** The context attributes as text, in the order of the envelope. */
export function attributesOf(stored: StoredEnvelope, raw: Uint8Array): Map<string, string> {
  const skeleton = skeletonText(stored, raw);
  const found = new Map<string, string>();
  for (const [name, value] of membersByName(skeleton)) {
    if (isPayload(name)) continue;
    const text = scalarText(skeleton, value);
    if (text !== null) found.set(name, text);
  }
  return found;
}

/** The account at the provider that the event is from; null: unknown, or no provider's event. */
export function accountOf(stored: StoredEnvelope): string | null {
  return factOf(stored, 'account');
}

/** The provider's id of the record that the event is about; null: unknown, or no provider's event. */
export function entityIdOf(stored: StoredEnvelope): string | null {
  return factOf(stored, 'entityId');
}

/** The source through which the event came; null: unknown, or no provider's event. */
export function sourceIdOf(stored: StoredEnvelope): string | null {
  return factOf(stored, 'sourceId');
}

function factOf({ head, kind }: StoredEnvelope, name: 'account' | 'entityId' | 'sourceId'): string | null {
  if (kind === 'whole' || kind === 'own') return null;
  const skeleton = isSpliced(kind) ? closed(head, kind) : head;
  const fact = valueAt(skeleton, `/data/${name}`);
  return fact === undefined ? null : stringText(skeleton, fact);
}

/** What stays of an envelope whose payload is erased: attributes and facts, without the body they were read from. */
export function withoutPayload(stored: StoredEnvelope, raw: Uint8Array): StoredEnvelope {
  const skeleton = skeletonText(stored, raw);
  if (isSpliced(stored.kind)) return { head: skeleton, kind: 'expunged' };
  const kept = [...membersByName(skeleton).values()].filter(({ name }) => !isPayload(name));
  return { head: `{${membersText(skeleton, kept)}}`, kind: 'expunged' };
}

function isPayload(name: string): boolean {
  return name === 'data' || name === 'data_base64';
}

/** The envelope without a provider's body in it: valid JSON. */
function skeletonText({ head, kind }: StoredEnvelope, raw: Uint8Array): string {
  if (isSpliced(kind)) return closed(head, kind);
  switch (kind) {
    case 'whole':
    case 'expunged':
      return head;
    case 'own': {
      const text = new TextDecoder().decode(raw);
      const kept = members(text).filter(({ name }) => !RELAY_ATTRIBUTES.has(name));
      return `{${membersText(text, kept)},${head.slice(1)}`;
    }
  }
}

/** The text of some members, names included, ready to stand between braces. */
function membersText(text: string, some: readonly Member[]): string {
  return some.map(({ nameStart, end }) => text.slice(nameStart, end)).join(',');
}

function relayAttributes({ seq, posthornId, recordedAtMs, hops = 0 }: Place) {
  return {
    sequence: String(seq).padStart(20, '0'),
    recordedtime: new Date(recordedAtMs).toISOString(),
    posthornid: posthornId,
    ...(hops === 0 ? {} : { [HOPS_ATTRIBUTE]: hops }),
  };
}

function textOf(text: string, value: Member | undefined): string | null {
  return value === undefined ? null : stringText(text, value);
}

/** Whether it is JSON, `application/cloudevents+json` and the like included. */
export function isJsonMediaType(contentType: string): boolean {
  return /^[^;]*[/+]json\s*(;|$)/i.test(contentType);
}

const UTF8 = new TextEncoder();

function utf8(text: string): Uint8Array {
  return UTF8.encode(text);
}
