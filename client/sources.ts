/** `relay.sources`: the connections to providers. */
import type { listRefusals } from '../src/http/native/refusals.ts';
import type {
  createSource,
  deleteSource,
  getSource,
  listSources,
  patchSource,
} from '../src/http/native/sources.ts';
import type { confirmSource } from '../src/http/native/confirm.ts';
import type { getSourceSecret, rotateSourceSecret, rotateSourceUrl } from '../src/http/native/source-keys.ts';
import type { getSourceSetup } from '../src/http/native/source-setup.ts';
import type { List } from './list.ts';
import type { AnswerOf, BodyOf, ItemOf, QueryOf } from './route.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Source = AnswerOf<typeof getSource>;
export type CreatedSource = AnswerOf<typeof createSource>;
export type NewSource = BodyOf<typeof createSource>;
export type SourcePatch = BodyOf<typeof patchSource>;
export type SetupCall = AnswerOf<typeof getSourceSetup>['calls'][number];
export type Refusal = ItemOf<typeof listRefusals>;

export class Sources {
  readonly #relay: Transport;

  constructor(relay: Transport) {
    this.#relay = relay;
  }

  list(query?: QueryOf<typeof listSources>, options?: CallOptions): List<Source> {
    return this.#relay.list<typeof listSources>('/v1/sources', { query }, options);
  }

  create(body: NewSource, options?: CallOptions): Promise<CreatedSource> {
    return this.#relay.call<typeof createSource>('post', '/v1/sources', { body }, options);
  }

  get(id: string, options?: CallOptions): Promise<Source> {
    return this.#relay.call<typeof getSource>('get', '/v1/sources/{id}', { params: { id } }, options);
  }

  /** A merge patch. */
  update(id: string, body: SourcePatch, options?: CallOptions): Promise<AnswerOf<typeof patchSource>> {
    const input = { params: { id }, body };
    return this.#relay.call<typeof patchSource>('patch', '/v1/sources/{id}', input, options);
  }

  delete(id: string, options?: CallOptions): Promise<undefined> {
    return this.#relay.call<typeof deleteSource>('delete', '/v1/sources/{id}', { params: { id } }, options);
  }

  secret(id: string, options?: CallOptions): Promise<AnswerOf<typeof getSourceSecret>> {
    return this.#relay.call<typeof getSourceSecret>(
      'get',
      '/v1/sources/{id}/secret',
      { params: { id } },
      options,
    );
  }

  /** Calls what the provider has asked to be called before it sends events. */
  confirm(id: string, options?: CallOptions): Promise<AnswerOf<typeof confirmSource>> {
    const path = '/v1/sources/{id}/confirm';
    return this.#relay.call<typeof confirmSource>('post', path, { params: { id } }, options);
  }

  /** Until the overlap ends both secrets verify. */
  rotateSecret(
    id: string,
    body?: BodyOf<typeof rotateSourceSecret>,
    options?: CallOptions,
  ): Promise<AnswerOf<typeof rotateSourceSecret>> {
    const path = '/v1/sources/{id}/rotate-secret';
    return this.#relay.call<typeof rotateSourceSecret>('post', path, { params: { id }, body }, options);
  }

  /** Until the overlap ends both URLs work. */
  rotateUrl(id: string, body?: BodyOf<typeof rotateSourceUrl>, options?: CallOptions): Promise<Source> {
    const path = '/v1/sources/{id}/rotate-url';
    return this.#relay.call<typeof rotateSourceUrl>('post', path, { params: { id }, body }, options);
  }

  /** What to call at the provider to point it here. `events`: the provider’s own names of them. */
  async setup(id: string, events: readonly string[] = [], options?: CallOptions): Promise<SetupCall[]> {
    const query = { events: events.length === 0 ? undefined : events.join(',') };
    const input = { params: { id }, query };
    return (await this.#relay.call<typeof getSourceSetup>('get', '/v1/sources/{id}/setup', input, options))
      .calls;
  }

  /** The last requests that were refused, newest first. */
  async refusals(
    id: string,
    query?: QueryOf<typeof listRefusals>,
    options?: CallOptions,
  ): Promise<readonly Refusal[]> {
    const input = { params: { id }, query };
    const path = '/v1/sources/{id}/refusals';
    return (await this.#relay.call<typeof listRefusals>('get', path, input, options)).data;
  }
}
