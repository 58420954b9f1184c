/** `relay.hooks`: registrations, and what operators do with them. */
import type { createHook, deleteHook, getHook, listHooks, patchHookRoute } from '../src/http/native/hooks.ts';
import type { pauseHook, resumeHook, testHook } from '../src/http/native/hook-actions.ts';
import type { getHookSecret, getPublicKey, rotateHookSecret } from '../src/http/native/hook-keys.ts';
import type { cancelMany, retryMany } from '../src/http/native/bulk.ts';
import type { cancelReplay, getReplay, startReplay } from '../src/http/native/replay.ts';
import type { List } from './list.ts';
import { listen, type ListenOptions, type ListenerDelivery } from './listen.ts';
import type { AnswerOf, BodyOf, QueryOf } from './route.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Hook = AnswerOf<typeof getHook>;
export type CreatedHook = AnswerOf<typeof createHook>;
export type NewHook = BodyOf<typeof createHook>;
export type HookPatch = BodyOf<typeof patchHookRoute>;
export type TestResult = AnswerOf<typeof testHook>;
export type PublicKey = AnswerOf<typeof getPublicKey>;
export type Replay = AnswerOf<typeof getReplay>;
export type NewReplay = BodyOf<typeof startReplay>;

export class Hooks {
  readonly #relay: Transport;

  constructor(relay: Transport) {
    this.#relay = relay;
  }

  list(query?: QueryOf<typeof listHooks>, options?: CallOptions): List<Hook> {
    return this.#relay.list<typeof listHooks>('/v1/hooks', { query }, options);
  }

  create(body: NewHook, options?: CallOptions): Promise<CreatedHook> {
    return this.#relay.call<typeof createHook>('post', '/v1/hooks', { body }, options);
  }

  get(id: number, options?: CallOptions): Promise<Hook> {
    return this.#relay.call<typeof getHook>('get', '/v1/hooks/{id}', { params: { id } }, options);
  }

  /** A merge patch: null puts a member back to its default. */
  update(id: number, body: HookPatch, options?: CallOptions): Promise<AnswerOf<typeof patchHookRoute>> {
    const input = { params: { id }, body };
    return this.#relay.call<typeof patchHookRoute>('patch', '/v1/hooks/{id}', input, options);
  }

  delete(id: number, options?: CallOptions): Promise<undefined> {
    return this.#relay.call<typeof deleteHook>('delete', '/v1/hooks/{id}', { params: { id } }, options);
  }

  pause(id: number, options?: CallOptions): Promise<Hook> {
    return this.#relay.call<typeof pauseHook>('post', '/v1/hooks/{id}/pause', { params: { id } }, options);
  }

  /** Also re-enables a disabled hook. */
  resume(id: number, options?: CallOptions): Promise<Hook> {
    return this.#relay.call<typeof resumeHook>('post', '/v1/hooks/{id}/resume', { params: { id } }, options);
  }

  /** Sends a `posthorn.test` event now. */
  test(id: number, options?: CallOptions): Promise<TestResult> {
    return this.#relay.call<typeof testHook>('post', '/v1/hooks/{id}/test', { params: { id } }, options);
  }

  async secret(id: number, options?: CallOptions): Promise<string> {
    const input = { params: { id } };
    return (await this.#relay.call<typeof getHookSecret>('get', '/v1/hooks/{id}/secret', input, options))
      .secret;
  }

  /** Until the overlap ends both secrets sign. */
  async rotateSecret(
    id: number,
    body?: BodyOf<typeof rotateHookSecret>,
    options?: CallOptions,
  ): Promise<string> {
    const path = '/v1/hooks/{id}/rotate-secret';
    const input = { params: { id }, body };
    return (await this.#relay.call<typeof rotateHookSecret>('post', path, input, options)).secret;
  }

  publicKey(id: number, options?: CallOptions): Promise<PublicKey> {
    const path = '/v1/hooks/{id}/public-key';
    return this.#relay.call<typeof getPublicKey>('get', path, { params: { id } }, options);
  }

  /** Queues deliveries of a part of the log once more, or what the hook never got. */
  replay(id: number, body: NewReplay, options?: CallOptions): Promise<Replay> {
    const input = { params: { id }, body };
    return this.#relay.call<typeof startReplay>('post', '/v1/hooks/{id}/replay', input, options);
  }

  /** The latest replay as it stands. */
  getReplay(id: number, options?: CallOptions): Promise<Replay> {
    return this.#relay.call<typeof getReplay>('get', '/v1/hooks/{id}/replay', { params: { id } }, options);
  }

  cancelReplay(id: number, options?: CallOptions): Promise<Replay> {
    const path = '/v1/hooks/{id}/replay';
    return this.#relay.call<typeof cancelReplay>('delete', path, { params: { id } }, options);
  }

  /** Makes what is pending due now. */
  retry(
    id: number,
    body?: BodyOf<typeof retryMany>,
    options?: CallOptions,
  ): Promise<AnswerOf<typeof retryMany>> {
    const input = { params: { id }, body };
    return this.#relay.call<typeof retryMany>('post', '/v1/hooks/{id}/retry', input, options);
  }

  /** Cancels what is pending. */
  cancel(
    id: number,
    body?: BodyOf<typeof cancelMany>,
    options?: CallOptions,
  ): Promise<AnswerOf<typeof cancelMany>> {
    const input = { params: { id }, body };
    return this.#relay.call<typeof cancelMany>('post', '/v1/hooks/{id}/cancel', input, options);
  }

  /**
   * The deliveries of a listener hook (`url: "listen:"`), as they come, over any number of connections. Each must be
   * answered. Ends when the signal is aborted; throws what no new connection can mend.
   */
  listen(id: number, options?: ListenOptions): AsyncGenerator<ListenerDelivery, undefined> {
    return listen(this.#relay, id, options);
  }
}
