/**
 * Events that no provider's request brings: those that users publish, those that a program signals in SuperOffice's way,
 * and what the relay tells of itself. Each call is one turn without an await, hence one commit.
 */
import { sealProvider, sealWhole, type PublishedEvent } from '../core/envelope.ts';
import type { EventId } from '../core/event-id.ts';
import { isStorable } from '../core/stored-size.ts';
import type { Notice, NoticeFacts } from '../hook/notices.ts';
import { logLine } from '../log.ts';
import type { EnvelopeItem } from '../providers/provider.ts';
import { PROVIDERS } from '../providers/providers.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import { digest } from './identity.ts';
import type { Created, Idempotency } from './idempotency.ts';
import type { OpenLog } from './open-log.ts';
import { toStored } from './stored-event.ts';
import { TOO_LARGE, Unstorable, takeEnvelope, type Published, type TooLarge } from './taking.ts';

/** In the order in which they were posted. */
export interface PublishedBatch {
  readonly events: readonly Published[];
}

export class OwnEvents {
  readonly #log: OpenLog;
  readonly #changed: () => void;

  /** `changed` is called whenever there is more to do than before. */
  constructor(log: OpenLog, changed: () => void) {
    this.#log = log;
    this.#changed = changed;
  }

  /** Stores one own event. */
  publish(
    event: PublishedEvent,
    body: Uint8Array,
    contentType: string | null,
    idempotency: Idempotency | null,
  ): Created<Published> | TooLarge {
    const item = { event, body, contentType };
    return this.#once(idempotency, (nowMs) => takeEnvelope(this.#log, item, null, nowMs).published);
  }

  /** Stores several in one commit, in order, or none of them. */
  publishAll(
    items: readonly EnvelopeItem[],
    idempotency: Idempotency | null,
  ): Created<PublishedBatch> | TooLarge {
    return this.#once(idempotency, (nowMs) =>
      this.#log.atomically(() => ({
        events: items.map((item) => takeEnvelope(this.#log, item, null, nowMs).published),
      })),
    );
  }

  /** What a call comes to, in one commit with the memory of its Idempotency-Key. */
  #once<T extends object>(
    idempotency: Idempotency | null,
    work: (nowMs: number) => T,
  ): Created<T> | TooLarge {
    const { answers } = this.#log;
    const nowMs = this.#log.now();
    const answered = idempotency && answers.find<T>(idempotency, nowMs);
    if (answered !== null) return answered;
    try {
      const value = work(nowMs);
      if (idempotency !== null) answers.remember(idempotency, value, null, nowMs);
      this.#changed();
      return { kind: 'created', value };
    } catch (error) {
      if (error instanceof Unstorable) return { kind: 'too-large', what: error.message };
      throw error;
    }
  }

  /** Stores an event that a program signalled in SuperOffice's way: the body that SuperOffice would send for it. */
  signal(body: Uint8Array): EventId | TooLarge {
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
    const stored = toStored(sealed, place, null, facts.event, 'application/json', body);
    if (!isStorable(stored)) return TOO_LARGE;
    this.#append(stored, null);
    return place.posthornId;
  }

  /** Stores what a hook tells of itself, once. */
  announce({ number, type, facts }: Notice): void {
    const dedupe = digest('posthorn', `${facts.hookId}`, `${number}`);
    if (this.#log.events.idOfDuplicate(dedupe) !== null) return;
    this.tell(type, `hook/${facts.hookId}`, this.#withoutExpunged(facts), dedupe);
  }

  /** The event may have lost its payload while the notice was on its way; the answer may echo it. */
  #withoutExpunged(facts: NoticeFacts): NoticeFacts {
    if (facts.eventId === null || typeof facts.answerExcerpt !== 'string') return facts;
    const isExpunged = this.#log.eventById(facts.eventId)?.kind === 'expunged';
    return isExpunged ? { ...facts, answerExcerpt: null } : facts;
  }

  /** Stores an event of the relay's own. */
  tell(type: string, subject: string, facts: object, dedupe: Uint8Array | null): void {
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
    // Of deliveries there may be many; the others are once an occasion.
    const level = type === 'posthorn.delivery.dead' ? 'info' : 'warn';
    logLine(level, type, { tenant: log.ref.tenant, about: subject, event: place.posthornId });
  }

  #append(event: StoredEvent, dedupe: Uint8Array | null): void {
    this.#log.append(event, dedupe);
    this.#changed();
  }
}
