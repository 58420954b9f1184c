/** `relay.events`: the tenant’s log, and events of one’s own into it. */
import type { expungeEvent, getEvent, getRaw, listEvents, publishEvent } from '../src/http/native/events.ts';
import type { createExpunge, getExpunge } from '../src/http/native/expunges.ts';
import type { List } from './list.ts';
import type { AnswerOf, BodyOf, ItemOf, QueryOf } from './route.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Envelope = ItemOf<typeof listEvents>;
export type NewEnvelope = Exclude<BodyOf<typeof publishEvent>, readonly unknown[]>;
/** Of an event that was stored, or had been. */
export type Published = Exclude<AnswerOf<typeof publishEvent>, { readonly events: unknown }>;
/** An event and what became of it. */
export type EventJourney = AnswerOf<typeof getEvent>;
export type Expunge = AnswerOf<typeof getExpunge>;

export class Events {
  readonly #relay: Transport;

  constructor(relay: Transport) {
    this.#relay = relay;
  }

  /** Newest first. Numbers of more than 15 digits lose some: `raw` has the body byte for byte. */
  list(query?: QueryOf<typeof listEvents>, options?: CallOptions): List<Envelope> {
    return this.#relay.list<typeof listEvents>('/v1/events', { query }, options);
  }

  /** With an `idempotencyKey`, or the same `source` and `id`, the same event again is a duplicate. */
  async publish(body: NewEnvelope, options?: CallOptions): Promise<Published> {
    return (await this.#publish('application/cloudevents+json', body, options)) as Published;
  }

  /** Up to 1,000, of which all are stored or none. */
  async publishAll(body: readonly NewEnvelope[], options?: CallOptions): Promise<readonly Published[]> {
    const answer = await this.#publish('application/cloudevents-batch+json', body, options);
    return (answer as { readonly events: readonly Published[] }).events;
  }

  /** With the hooks that it matched; `hook` explains one, also why it was skipped. */
  get(id: string, query?: QueryOf<typeof getEvent>, options?: CallOptions): Promise<EventJourney> {
    const input = { params: { id }, query };
    return this.#relay.call<typeof getEvent>('get', '/v1/events/{id}', input, options);
  }

  /** The body as the provider sent it, with its content type. */
  raw(id: string, options?: CallOptions): Promise<Response> {
    const path: (typeof getRaw)['path'] = '/v1/events/{id}/raw';
    return this.#relay.send({ method: 'get', url: this.#relay.urlOf(path, { id }), headers: {} }, options);
  }

  /** Deletes the payload everywhere; its skeleton stays. */
  expunge(id: string, options?: CallOptions): Promise<undefined> {
    return this.#relay.call<typeof expungeEvent>('delete', '/v1/events/{id}', { params: { id } }, options);
  }

  /** The same of all that match, by a job: read it with `getExpunge`. */
  expungeAll(body: BodyOf<typeof createExpunge>, options?: CallOptions): Promise<Expunge> {
    return this.#relay.call<typeof createExpunge>('post', '/v1/expunges', { body }, options);
  }

  getExpunge(id: string, options?: CallOptions): Promise<Expunge> {
    return this.#relay.call<typeof getExpunge>('get', '/v1/expunges/{id}', { params: { id } }, options);
  }

  async #publish(mediaType: string, body: unknown, options: CallOptions | undefined): Promise<unknown> {
    const path: (typeof publishEvent)['path'] = '/v1/events';
    const headers = { 'content-type': mediaType };
    const url = this.#relay.urlOf(path);
    const response = await this.#relay.send(
      { method: 'post', url, headers, body: JSON.stringify(body) },
      options,
    );
    return response.json();
  }
}
