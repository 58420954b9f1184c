/**
 * SuperOffice as it behaves towards a relay: signed events about one subject, one after another, each posted again
 * until it is answered 200.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { signatureOf, superofficeBody } from '../tenant.ts';

const RETRY_MS = 50;
const POST_DEADLINE_MS = 10_000;

/** What a producer's events are about. */
export interface Topic {
  readonly account: string;
  readonly entity: string;
  /** 0: events without a subject. */
  readonly recordId: number;
}

/** An event that was answered 200. */
export interface AcceptedEvent {
  /** The event id of the provider; the envelope's `id`. */
  readonly eventId: string;
  /** The relay's id, as the 200 named it. */
  readonly posthornId: string;
  readonly body: Buffer;
}

interface ProviderEvent {
  readonly eventId: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

function signedEvent({ account, entity, recordId }: Topic, number: number, secret: string): ProviderEvent {
  const eventId = randomUUID();
  const body = superofficeBody({
    EventId: eventId,
    Event: `${entity}.${number === 1 ? 'created' : 'changed'}`,
    Changes: ['name', `column_${number}`],
    PrimaryKey: recordId,
    Entity: entity,
    ContextIdentifier: account,
  });
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'x-superoffice-signature': signatureOf(body, secret),
  };
  return { eventId, body, headers };
}

export class Producer {
  readonly topic: Topic;
  readonly accepted: AcceptedEvent[] = [];
  /** Requests sent, whatever became of them. */
  posts = 0;
  /** Events that turned out to be stored although their first 200 never came. */
  lostAnswers = 0;
  /** Answers that a relay must not give, however it is ended and started. */
  readonly wrongAnswers: string[] = [];
  readonly #inboundUrl: string;
  readonly #secret: string;

  constructor(topic: Topic, inboundUrl: string, secret: string) {
    this.topic = topic;
    this.#inboundUrl = inboundUrl;
    this.#secret = secret;
  }

  /** Posts the next event until it is answered 200, or until `giveUp`. */
  async postNext(giveUp: AbortSignal): Promise<void> {
    const event = signedEvent(this.topic, this.accepted.length + 1, this.#secret);
    for (let tries = 1; !giveUp.aborted; tries += 1) {
      const answer = await this.#post(event);
      if (answer !== null) {
        if (answer.duplicate && tries === 1)
          this.wrongAnswers.push(`${event.eventId}: new, called a duplicate`);
        if (answer.duplicate) this.lostAnswers += 1;
        this.accepted.push({ eventId: event.eventId, posthornId: answer.id, body: Buffer.from(event.body) });
        return;
      }
      await sleep(RETRY_MS);
    }
    this.wrongAnswers.push(`${event.eventId}: never answered 200`);
  }

  /** Null: to be posted again. */
  async #post({ body, headers }: ProviderEvent): Promise<{ id: string; duplicate: boolean } | null> {
    this.posts += 1;
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), POST_DEADLINE_MS);
    try {
      const response = await fetch(this.#inboundUrl, {
        method: 'POST',
        headers,
        body,
        signal: deadline.signal,
      });
      const text = await response.text();
      if (response.status === 200) return JSON.parse(text) as { id: string; duplicate: boolean };
      if (response.status !== 503)
        this.wrongAnswers.push(`answered ${response.status} ${text.slice(0, 200)}`);
      return null;
    } catch {
      // Refused or cut: the relay is down.
      return null;
    } finally {
      clearTimeout(timer);
    }
  }
}
