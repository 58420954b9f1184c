/**
 * How events enter the log: verified, read, deduped and appended. Each call is one turn without an await, hence one
 * commit: what it answers as accepted is on disk.
 */
import {
  sealOwn,
  sealProvider,
  sealWhole,
  type Batch,
  type PublishedEvent,
  type SealedEnvelope,
} from '../core/envelope.ts';
import type { EventId } from '../core/event-id.ts';
import { uuidv7 } from '../core/uuid.ts';
import type { Notice } from '../hook/notices.ts';
import type { Arrived, Item, Provider, Reading, Reply } from '../providers/provider.ts';
import { PROVIDERS } from '../providers/providers.ts';
import { randomBytes } from '../random.ts';
import type { StoredEvent } from './event-store.ts';
import { digest, identityOf, type Identity } from './identity.ts';
import type { Created, Idempotency } from './idempotency.ts';
import type { OpenLog, Place } from './open-log.ts';
import { secretsInForce, type Rejection, type Source } from './sources.ts';

export interface Arrival extends Arrived {
  readonly tokenHash: string;
  /** Relays that its events have passed. */
  readonly hops?: number;
}

export type AcceptResult =
  | ({ readonly kind: 'accepted' } & Published)
  /** In the order of the request. */
  | { readonly kind: 'accepted-batch'; readonly events: readonly Published[] }
  | { readonly kind: 'test' }
  | { readonly kind: 'handshake'; readonly reply: Reply }
  | { readonly kind: 'unknown-source' }
  | { readonly kind: 'bad-signature' }
  /** Of events in one request. */
  | { readonly kind: 'too-many'; readonly limit: number }
  | { readonly kind: 'malformed'; readonly path: string; readonly expected: string; readonly got: string };

export interface Published {
  readonly id: EventId;
  readonly duplicate: boolean;
}

/** The `raw` of `posthorn.source.rejecting`. */
interface RejectingFacts {
  readonly sourceId: string;
  readonly sourceName: string;
  /** Why the last of them was refused. */
  readonly reason: Rejection;
  /** When the first of them came. */
  readonly since: string;
}

/** Refusals in a row that are worth an event. */
const REJECTING_FROM = 5;
/** One event an hour of each source: who alternates good and bad requests must not fill the log. */
const REJECTING_PAUSE_MS = 3_600_000;

interface Receipt {
  readonly batch: Batch | null;
  readonly hops: number;
  readonly contentType: string | null;
  readonly nowMs: number;
}

export class Intake {
  readonly #log: OpenLog;
  readonly #changed: () => void;

  /** `changed` is called whenever there is more to do than before. */
  constructor(log: OpenLog, changed: () => void) {
    this.#log = log;
    this.#changed = changed;
  }

  /** Verifies, reads and stores one request of a provider. What it answers as accepted is on disk. */
  accept(arrival: Arrival): AcceptResult {
    const log = this.#log;
    const nowMs = log.now();
    const source = log.sources.byTokenHash(arrival.tokenHash, nowMs);
    if (source === null) return { kind: 'unknown-source' };
    const provider: Provider = PROVIDERS[source.provider];
    const secrets = secretsInForce(source, nowMs);
    const reading = provider.greet?.(arrival, secrets) ?? verified(provider, arrival, source, secrets, nowMs);
    if (reading === null) {
      this.#countRejection(source, 'signature', nowMs);
      return { kind: 'bad-signature' };
    }
    switch (reading.kind) {
      case 'malformed':
        this.#countRejection(source, 'malformed', nowMs);
        return reading;
      case 'too-many':
        this.#countRejection(source, 'tooLarge', nowMs);
        return reading;
      case 'handshake':
        return { kind: 'handshake', reply: reading.reply };
      case 'test':
        log.sources.countTest(source.id);
        this.#changed();
        return reading;
      case 'events': {
        const contentType = arrival.headers.get('content-type') ?? null;
        const isKnownByBody = provider.isKnownByBody === true;
        const { items, isBatch } = reading;
        const { hops = 0 } = arrival;
        const count = items.length;
        const events = items.map((item, index) => {
          const batch = isBatch ? { index, count } : null;
          const identity = identityOf(log.events, source.id, item, isKnownByBody);
          return this.#take(source, item, identity, { batch, hops, contentType, nowMs });
        });
        this.#changed();
        const [only] = events;
        return isBatch || only === undefined
          ? { kind: 'accepted-batch', events }
          : { kind: 'accepted', ...only };
      }
    }
  }

  #take(
    source: Source,
    { facts, body }: Item,
    identity: Identity,
    { batch, hops, contentType, nowMs }: Receipt,
  ): Published {
    const { sources } = this.#log;
    if (identity.kind === 'seen') {
      sources.countDuplicate(source.id);
      return { id: identity.id, duplicate: true };
    }
    const place = this.#log.nextPlace(nowMs);
    const sealed = sealProvider(facts, {
      ...place,
      hops,
      provider: source.provider,
      sourceId: source.id,
      id: identity.id ?? uuidv7(nowMs, randomBytes(10)),
      batch,
    });
    this.#log.append(toStored(sealed, place, source.id, facts.event, contentType, body), identity.dedupe);
    sources.countAccepted(source.id, nowMs, identity.isReused);
    return { id: place.posthornId, duplicate: false };
  }

  /** Counts a request the edge refused (null: one it only answered). False when there is no such URL. */
  refused(tokenHash: string, rejection: Rejection | null): boolean {
    const log = this.#log;
    const nowMs = log.now();
    const source = log.sources.byTokenHash(tokenHash, nowMs);
    if (source === null) return false;
    if (rejection !== null) this.#countRejection(source, rejection, nowMs);
    return true;
  }

  /** Stores one own event. */
  publish(
    event: PublishedEvent,
    body: Uint8Array,
    contentType: string,
    idempotency: Idempotency | null,
  ): Created<Published> {
    const log = this.#log;
    const nowMs = log.now();
    const answered = idempotency && log.answers.find<Published>(idempotency, nowMs);
    if (answered !== null) return answered;
    const dedupe = digest('', event.source, event.id);
    const seen = log.events.idOfDuplicate(dedupe);
    if (seen !== null) {
      const found = { id: seen, duplicate: true };
      if (idempotency !== null) log.answers.remember(idempotency, found, nowMs);
      return { kind: 'created', value: found };
    }
    const place = log.nextPlace(nowMs);
    const stored = toStored(sealOwn(event, place), place, null, event.type, contentType, body);
    const published = { id: place.posthornId, duplicate: false };
    this.#append(stored, dedupe);
    if (idempotency !== null) log.answers.remember(idempotency, published, nowMs);
    return { kind: 'created', value: published };
  }

  /** Stores an event that a program signalled in SuperOffice's way: the body that SuperOffice would send for it. */
  signal(body: Uint8Array): EventId {
    const log = this.#log;
    const arrived = {
      method: 'POST',
      url: '',
      body,
      headers: new Map<string, string>(),
      pathEventType: null,
    };
    const reading = PROVIDERS.superoffice.read(arrived, { paths: {}, sourceId: '', assurance: 'none' });
    const [item] = reading.kind === 'events' ? reading.items : [];
    if (item === undefined) throw new Error(`signal: expected an event, got ${reading.kind}`);
    const { facts } = item;
    const place = log.nextPlace(log.now());
    const id = facts.id ?? place.posthornId;
    const sealed = sealProvider(facts, { ...place, provider: 'superoffice', sourceId: null, id });
    this.#append(toStored(sealed, place, null, facts.event, 'application/json', body), null);
    return place.posthornId;
  }

  /** Stores what a hook tells of itself, once. */
  announce({ number, type, facts }: Notice): void {
    const dedupe = digest('posthorn', `${facts.hookId}`, `${number}`);
    if (this.#log.events.idOfDuplicate(dedupe) === null)
      this.#tell(type, `hook/${facts.hookId}`, facts, dedupe);
  }

  /** Stores an event of the relay's own. */
  #tell(type: string, subject: string, facts: object, dedupe: Uint8Array | null): void {
    const log = this.#log;
    const nowMs = log.now();
    const place = log.nextPlace(nowMs);
    const time = new Date(nowMs).toISOString();
    const attributes = { id: place.posthornId, source: '/posthorn', type, subject, time };
    const data = { provider: 'posthorn', sourceId: null, event: type, raw: facts };
    const envelope = { specversion: '1.0', ...attributes, datacontenttype: 'application/json', data };
    const sealed = { ...sealWhole(envelope, place), ...attributes };
    const raw = new TextEncoder().encode(JSON.stringify(facts));
    this.#append(toStored(sealed, place, null, type, 'application/json', raw), dedupe);
  }

  #append(event: StoredEvent, dedupe: Uint8Array | null): void {
    this.#log.append(event, dedupe);
    this.#changed();
  }

  #countRejection(source: Source, reason: Rejection, nowMs: number): void {
    const { sources } = this.#log;
    const { count, sinceMs } = sources.countRejection(source.id, reason, nowMs);
    if (count >= REJECTING_FROM && isToBeTold(source, nowMs)) {
      const facts: RejectingFacts = {
        sourceId: source.id,
        sourceName: source.name,
        reason,
        since: new Date(sinceMs).toISOString(),
      };
      this.#tell('posthorn.source.rejecting', `source/${source.id}`, facts, null);
      sources.toldRejecting(source.id, nowMs);
    }
    this.#changed();
  }
}

/** What a request says; null: it is not its sender's. */
function verified(
  provider: Provider,
  arrival: Arrival,
  { id: sourceId, paths }: Source,
  secrets: readonly string[],
  nowMs: number,
): Reading | null {
  const assurance = provider.verify(arrival, secrets, nowMs);
  if (assurance === 'rejected') return null;
  return provider.read(arrival, { paths, sourceId, assurance }, secrets);
}

/** An accepted event ends an occasion; the next one is told of. */
function isToBeTold({ stats }: Source, nowMs: number): boolean {
  const { toldRejectingAtMs: toldAtMs, lastAcceptedAtMs } = stats;
  if (toldAtMs === null) return true;
  return nowMs - toldAtMs >= REJECTING_PAUSE_MS && lastAcceptedAtMs !== null && lastAcceptedAtMs > toldAtMs;
}

function toStored(
  sealed: SealedEnvelope,
  place: Place,
  sourceId: string | null,
  event: string | null,
  contentType: string | null,
  raw: Uint8Array,
): StoredEvent {
  return {
    seq: place.seq,
    id: place.posthornId,
    sourceId,
    type: sealed.type,
    subject: sealed.subject,
    source: sealed.source,
    event,
    recordedAtMs: place.recordedAtMs,
    kind: sealed.kind,
    contentType,
    head: sealed.head,
    raw,
  };
}
