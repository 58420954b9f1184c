/**
 * How events of providers enter the log: verified, read, deduped and appended. Each call is one turn without an await, hence one
 * commit: what it answers as accepted is on disk.
 */
import { sealProvider, type Batch } from '../core/envelope.ts';
import { isStorable } from '../core/stored-size.ts';
import { MASK } from '../core/mask.ts';
import { uuidv7 } from '../core/uuid.ts';
import type { Answers, Arrived, Item, Provider, Reading, Reply } from '../providers/provider.ts';
import { randomBytes } from '../random.ts';
import { BY_RELAY } from './audit.ts';
import { identityOf } from './identity.ts';
import type { OpenLog } from './open-log.ts';
import type { OwnEvents } from './own-events.ts';
import { RefusedRequests, type RefusalReport, type RefusedRequest } from './refused-requests.ts';
import type { Rejection } from './source-stats.ts';
import { secretsInForce, type Source } from './source.ts';
import { toStored } from './stored-event.ts';
import { TOO_LARGE, Unstorable, takeEnvelope, type Published, type Taken, type TooLarge } from './taking.ts';

export interface Arrival extends Arrived {
  readonly tokenHash: string;
  /** The body in the encoding in which it was sent, where it has one; `body` is decoded. */
  readonly sentBody?: Uint8Array;
  /** Relays that its events have passed. */
  readonly hops?: number;
}

export type AcceptResult = Outcome & {
  /** Where the provider wants other answers than the relay's own. */
  readonly answers?: Answers;
};

type HandshakeReading = Extract<Reading, { kind: 'handshake' }>;
type HandshakeResult = { readonly kind: 'handshake'; readonly reply: Reply };

export type GreetResult =
  HandshakeResult | { readonly kind: 'unknown-source' } | { readonly kind: 'no-handshake' };

type Outcome =
  | ({ readonly kind: 'accepted' } & Published)
  /** In the order of the request. */
  | { readonly kind: 'accepted-batch'; readonly events: readonly Published[] }
  | { readonly kind: 'test' }
  | HandshakeResult
  | { readonly kind: 'unknown-source' }
  | { readonly kind: 'bad-signature' }
  | TooLarge
  | { readonly kind: 'malformed'; readonly path: string; readonly expected: string; readonly got: string };

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

/** Of a batch as it is stored: what the items have in common is in each of them. */
const MAX_BATCH_BYTES = 16_000_000;

interface Receipt {
  readonly hops: number;
  readonly source: Source;
  readonly isKnownByBody: boolean;
  readonly contentType: string | null;
  readonly nowMs: number;
}

export class Intake {
  readonly #log: OpenLog;
  readonly #own: OwnEvents;
  readonly #changed: () => void;
  readonly #refused = new RefusedRequests();

  /** `changed` is called whenever there is more to do than before. */
  constructor(log: OpenLog, own: OwnEvents, changed: () => void) {
    this.#log = log;
    this.#own = own;
    this.#changed = changed;
  }

  /** Verifies, reads and stores one request of a provider. What it answers as accepted is on disk. */
  accept(arrival: Arrival): AcceptResult {
    const log = this.#log;
    const nowMs = log.now();
    const source = log.sources.byTokenHash(arrival.tokenHash, nowMs);
    if (source === null) return { kind: 'unknown-source' };
    const provider = log.providers.of(source);
    const secrets = secretsInForce(source, nowMs);
    const reading = provider.greet?.(arrival, secrets) ?? verified(provider, arrival, source, secrets, nowMs);
    const result = this.#answerTo(reading, source, provider, arrival, nowMs);
    return provider.answers === undefined ? result : { ...result, answers: provider.answers };
  }

  /** Answers a request that brings no event: a handshake, or nothing at all. */
  greet(arrival: Arrival): GreetResult {
    const log = this.#log;
    const nowMs = log.now();
    const source = log.sources.byTokenHash(arrival.tokenHash, nowMs);
    if (source === null) return { kind: 'unknown-source' };
    const reading = log.providers.of(source).greet?.(arrival, secretsInForce(source, nowMs)) ?? null;
    return reading?.kind === 'handshake' ? this.#shakeHands(source, reading) : { kind: 'no-handshake' };
  }

  #shakeHands(source: Source, { reply, secret }: HandshakeReading): HandshakeResult {
    if (secret !== null && source.secrets.length === 0) {
      this.#log.atomically(() => {
        // In front: memory changes with the second statement.
        this.#log.audit.add(BY_RELAY, `source/${source.id}`, { secret: null }, { secret: MASK });
        this.#log.sources.keepSecret(source.id, secret);
      });
    }
    return { kind: 'handshake', reply };
  }

  /** `reading` null: the request is not its sender's. */
  #answerTo(
    reading: Reading | null,
    source: Source,
    provider: Provider,
    arrival: Arrival,
    nowMs: number,
  ): Outcome {
    const log = this.#log;
    if (reading === null) {
      this.#countRejection(source, 'signature', nowMs);
      return { kind: 'bad-signature' };
    }
    switch (reading.kind) {
      case 'malformed':
        this.#countRejection(source, 'malformed', nowMs);
        return reading;
      case 'too-many':
        return this.#tooLarge(source, `more than ${reading.limit} events`, nowMs);
      case 'handshake':
        return this.#shakeHands(source, reading);
      case 'test':
        log.sources.counters.countTest(source.id);
        this.#noteConfirmation(source, provider.confirmationUrl?.(arrival) ?? null, nowMs);
        this.#changed();
        return reading;
      case 'events': {
        const contentType = arrival.headers.get('content-type') ?? null;
        const { hops = 0 } = arrival;
        const receipt = { source, isKnownByBody: provider.isKnownByBody === true, hops, contentType, nowMs };
        return this.#stored(reading.items, reading.isBatch, source, nowMs, (item, batch) =>
          this.#take(item, batch, receipt),
        );
      }
      case 'envelopes': {
        const { hops = 0 } = arrival;
        return this.#stored(reading.items, reading.isBatch, source, nowMs, (item) =>
          takeEnvelope(log, { ...item, event: { ...item.event, hops } }, source.id, nowMs),
        );
      }
    }
  }

  /** Kept until an operator has had it called: see confirmations.ts. */
  #noteConfirmation({ id }: Source, url: string | null, askedAtMs: number): void {
    if (url !== null) this.#log.sources.confirmations.ask(id, { url, askedAtMs });
  }

  /** Stores the items of a request, all or none. */
  #stored<T>(
    items: readonly T[],
    isBatch: boolean,
    source: Source,
    nowMs: number,
    take: (item: T, batch: Batch | null) => Taken,
  ): Outcome {
    try {
      const all = isBatch ? this.#takeAll(items, take) : items.map((item) => take(item, null));
      this.#count(source, all, nowMs);
      const [only] = all;
      return isBatch || only === undefined
        ? { kind: 'accepted-batch', events: all.map(({ published }) => published) }
        : { kind: 'accepted', ...only.published };
    } catch (error) {
      if (error instanceof Unstorable) return this.#tooLarge(source, error.message, nowMs);
      throw error;
    }
  }

  #tooLarge(source: Source, what: string, nowMs: number): Outcome {
    this.#countRejection(source, 'tooLarge', nowMs);
    return { kind: 'too-large', what };
  }

  /** In one commit. */
  #takeAll<T>(items: readonly T[], take: (item: T, batch: Batch | null) => Taken): Taken[] {
    const count = items.length;
    let bytes = 0;
    return this.#log.atomically(() =>
      items.map((item, index) => {
        const taken = take(item, { index, count });
        bytes += taken.bytes;
        if (bytes > MAX_BATCH_BYTES)
          throw new Unstorable(`events of more than ${MAX_BATCH_BYTES} bytes together`);
        return taken;
      }),
    );
  }

  #count(source: Source, all: readonly Taken[], nowMs: number): void {
    const { sources } = this.#log;
    for (const { published, isReused } of all) {
      if (published.duplicate) sources.counters.countDuplicate(source.id);
      else {
        sources.counters.countAccepted(source.id, nowMs, isReused);
        sources.silences.heard(source.id);
      }
    }
    this.#changed();
  }

  /** Stores an item unless it is there. */
  #take(
    item: Item,
    batch: Batch | null,
    { source, isKnownByBody, hops, contentType, nowMs }: Receipt,
  ): Taken {
    const { facts, body } = item;
    const identity = identityOf(this.#log.events, source.id, item, isKnownByBody);
    if (identity.kind === 'seen')
      return { published: { id: identity.id, duplicate: true }, isReused: false, bytes: 0 };
    const place = this.#log.nextPlace(nowMs);
    const sealed = sealProvider(facts, {
      ...place,
      hops,
      provider: source.provider,
      sourceId: source.id,
      id: identity.id ?? uuidv7(nowMs, randomBytes(10)),
      batch,
    });
    const stored = toStored(sealed, place, source.id, facts.event, contentType, body);
    if (!isStorable(stored)) throw new Unstorable(TOO_LARGE.what);
    this.#log.append(stored, identity.dedupe);
    const bytes = stored.head.length + body.byteLength;
    return { published: { id: place.posthornId, duplicate: false }, isReused: identity.isReused, bytes };
  }

  /** Counts a request the edge refused (null: one it only answered). False when there is no such URL. */
  refused(tokenHash: string, rejection: Rejection | null, report: RefusalReport | null = null): boolean {
    const log = this.#log;
    const nowMs = log.now();
    const source = log.sources.byTokenHash(tokenHash, nowMs);
    if (source === null) return false;
    if (rejection !== null) this.#countRejection(source, rejection, nowMs);
    if (report !== null) this.#refused.note(source, log.providers.of(source), report, nowMs);
    return true;
  }

  /** The latest, newest first; null: there is no such source. */
  refusals(sourceId: string, limit: number): RefusedRequest[] | null {
    return this.#log.sources.get(sourceId) === null ? null : this.#refused.of(sourceId, limit);
  }

  #countRejection(source: Source, reason: Rejection, nowMs: number): void {
    const { sources } = this.#log;
    const { count, sinceMs } = sources.counters.countRejection(source.id, reason, nowMs);
    if (count >= REJECTING_FROM && isToBeTold(source, nowMs)) {
      const facts: RejectingFacts = {
        sourceId: source.id,
        sourceName: source.name,
        reason,
        since: new Date(sinceMs).toISOString(),
      };
      this.#own.tell('posthorn.source.rejecting', `source/${source.id}`, facts, null);
      sources.counters.toldRejecting(source.id, nowMs);
    }
    this.#changed();
  }
}

/** What a request says; null: it is not its sender's. Which bytes a sender signs, those that it sends or those it means, is its own choice. */
function verified(
  provider: Provider,
  arrival: Arrival,
  { id: sourceId, paths }: Source,
  secrets: readonly string[],
  nowMs: number,
): Reading | null {
  const { sentBody } = arrival;
  const asSent = sentBody === undefined ? arrival : { ...arrival, body: sentBody };
  let assurance = provider.verify(asSent, secrets, nowMs);
  if (assurance === 'rejected' && asSent !== arrival) assurance = provider.verify(arrival, secrets, nowMs);
  if (assurance === 'rejected') return null;
  return provider.read(arrival, { paths, sourceId, assurance }, secrets);
}

/** An accepted event ends an occasion; the next one is told of. */
function isToBeTold({ stats }: Source, nowMs: number): boolean {
  const { toldRejectingAtMs: toldAtMs, lastAcceptedAtMs } = stats;
  if (toldAtMs === null) return true;
  return nowMs - toldAtMs >= REJECTING_PAUSE_MS && lastAcceptedAtMs !== null && lastAcceptedAtMs > toldAtMs;
}
