/** `relay.deliveries`: what became of each event, for one hook or for all. */
import type { listAllDeliveries } from '../src/http/native/all-deliveries.ts';
import type {
  cancelDelivery,
  getDelivery,
  listDeliveries,
  retryDelivery,
} from '../src/http/native/deliveries.ts';
import type { List } from './list.ts';
import type { AnswerOf, ItemOf, QueryOf } from './route.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Delivery = ItemOf<typeof listDeliveries>;
/** With its attempts. */
export type DeliveryWithLog = AnswerOf<typeof getDelivery>;
export type Attempt = DeliveryWithLog['attemptLog'][number];
/** Of a list over all hooks. */
export type DeliveryOfHook = ItemOf<typeof listAllDeliveries>;

export class Deliveries {
  readonly #relay: Transport;

  constructor(relay: Transport) {
    this.#relay = relay;
  }

  /** Over all hooks, those with trouble first. */
  list(query?: QueryOf<typeof listAllDeliveries>, options?: CallOptions): List<DeliveryOfHook> {
    return this.#relay.list<typeof listAllDeliveries>('/v1/deliveries', { query }, options);
  }

  /** Of one hook, newest first. */
  ofHook(hookId: number, query?: QueryOf<typeof listDeliveries>, options?: CallOptions): List<Delivery> {
    const input = { params: { id: hookId }, query };
    return this.#relay.list<typeof listDeliveries>('/v1/hooks/{id}/deliveries', input, options);
  }

  get(hookId: number, eventId: string, options?: CallOptions): Promise<DeliveryWithLog> {
    const path = '/v1/hooks/{id}/deliveries/{eventId}';
    return this.#relay.call<typeof getDelivery>('get', path, { params: { id: hookId, eventId } }, options);
  }

  /** Sends it again now. */
  retry(hookId: number, eventId: string, options?: CallOptions): Promise<undefined> {
    const path = '/v1/hooks/{id}/deliveries/{eventId}/retry';
    return this.#relay.call<typeof retryDelivery>('post', path, { params: { id: hookId, eventId } }, options);
  }

  cancel(hookId: number, eventId: string, options?: CallOptions): Promise<DeliveryWithLog> {
    const path = '/v1/hooks/{id}/deliveries/{eventId}/cancel';
    const input = { params: { id: hookId, eventId } };
    return this.#relay.call<typeof cancelDelivery>('post', path, input, options);
  }
}
