/**
 * The typed client of a relay, for Node, browsers and Workers:
 *
 *     const relay = posthorn({ url: 'https://relay.example.com', key: 'ph_…' });
 *     for await (const hook of relay.hooks.list()) console.log(hook.name, hook.state);
 *
 * A refusal is thrown as a `PosthornError`, a relay that cannot be reached as an `UnreachableError`.
 */
import type { exportAll } from '../src/http/native/export.ts';
import type { importAll } from '../src/http/native/import.ts';
import type { getMe } from '../src/http/native/me.ts';
import type { reencryptSecrets } from '../src/http/native/secrets.ts';
import type { getSeries } from '../src/http/native/series.ts';
import type { getStats } from '../src/http/native/stats.ts';
import { Deliveries } from './deliveries.ts';
import { Events } from './events.ts';
import { Hooks } from './hooks.ts';
import { linesOf } from './lines.ts';
import { Audit, Keys, Providers, Shaping, SwitchesOfRelay, Tenants } from './operating.ts';
import type { AnswerOf, QueryOf } from './route.ts';
import { Sources } from './sources.ts';
import { tail, type TailAttempt, type TailEvent, type TailOptions } from './tail.ts';
import { Transport, type CallOptions, type ClientOptions } from './transport.ts';

export type * from './deliveries.ts';
export type * from './events.ts';
export type * from './hooks.ts';
export type * from './operating.ts';
export type * from './sources.ts';
export type { LocalAnswer, LocalFailure, ListenOptions, ListenerDelivery } from './listen.ts';
export type { LiveState } from './live.ts';
export type { TailAttempt, TailEvent, TailOptions } from './tail.ts';
export type { CallOptions, ClientOptions, Connect } from './transport.ts';
export { ClosedError, PosthornError, UnreachableError, type ErrorCode, type Problem } from './error.ts';
export { List, type Page } from './list.ts';
export { etagOf } from './transport.ts';

export type Stats = AnswerOf<typeof getStats>;
export type Series = AnswerOf<typeof getSeries>;
export type Me = AnswerOf<typeof getMe>;
/** How many of each an import has made. */
export type Imported = AnswerOf<typeof importAll>;
/** A line of an export. */
export type ExportLine = AnswerOf<typeof exportAll>;

export interface Health {
  readonly status: 'ok';
  readonly version: string;
}

export function posthorn(options: ClientOptions): Posthorn {
  return new Posthorn(options);
}

export class Posthorn {
  readonly sources: Sources;
  readonly hooks: Hooks;
  readonly deliveries: Deliveries;
  readonly events: Events;
  readonly keys: Keys;
  readonly tenants: Tenants;
  readonly switches: SwitchesOfRelay;
  readonly providers: Providers;
  readonly shaping: Shaping;
  readonly audit: Audit;
  readonly #relay: Transport;

  constructor(options: ClientOptions) {
    const relay = new Transport(options);
    this.#relay = relay;
    this.sources = new Sources(relay);
    this.hooks = new Hooks(relay);
    this.deliveries = new Deliveries(relay);
    this.events = new Events(relay);
    this.keys = new Keys(relay);
    this.tenants = new Tenants(relay);
    this.switches = new SwitchesOfRelay(relay);
    this.providers = new Providers(relay);
    this.shaping = new Shaping(relay);
    this.audit = new Audit(relay);
  }

  /** Needs no key. */
  async health(options?: CallOptions): Promise<Health> {
    return (await this.request('get', '/healthz', {}, options)).json<Health>();
  }

  /** Whose key this is, and what it may do. */
  me(options?: CallOptions): Promise<Me> {
    return this.#relay.call<typeof getMe>('get', '/v1/me', {}, options);
  }

  /** At most a minute old. */
  stats(options?: CallOptions): Promise<Stats> {
    return this.#relay.call<typeof getStats>('get', '/v1/stats', {}, options);
  }

  series(query: QueryOf<typeof getSeries>, options?: CallOptions): Promise<Series> {
    return this.#relay.call<typeof getSeries>('get', '/v1/stats/series', { query }, options);
  }

  /** As Prometheus reads them. */
  async metrics(options?: CallOptions): Promise<string> {
    return (await this.request('get', '/metrics', {}, options)).text();
  }

  /** Everything of the tenant, line by line, as it is read. */
  async *export(query: QueryOf<typeof exportAll> = {}, options?: CallOptions): AsyncGenerator<ExportLine> {
    for await (const line of this.exportLines(query, options)) yield JSON.parse(line) as ExportLine;
  }

  /** The same as the text it is, for a file: numbers keep their digits. */
  async *exportLines(query: QueryOf<typeof exportAll> = {}, options?: CallOptions): AsyncGenerator<string> {
    const response = await this.request('get', '/v1/export', { query }, options);
    const body = response.body as ReadableStream<Uint8Array> | null;
    if (body !== null) yield* linesOf(body);
  }

  /** Into a tenant without sources and hooks: an export with secrets. */
  async import(lines: BodyInit, options?: CallOptions): Promise<Imported> {
    const headers = { 'content-type': 'application/x-ndjson' };
    const response = await this.request('post', '/v1/import', { body: lines, headers }, options);
    return await response.json<Imported>();
  }

  /** Brings secrets under the first key of the ring, a part a call: repeat it until it is done. With the admin key alone. */
  reencryptSecrets(options?: CallOptions): Promise<AnswerOf<typeof reencryptSecrets>> {
    return this.#relay.call<typeof reencryptSecrets>('post', '/v1/secrets/reencrypt', {}, options);
  }

  /** Events, and with `hook` its attempts, as they happen. Ends when the signal is aborted. */
  tail(options?: TailOptions): AsyncGenerator<TailEvent | TailAttempt, undefined> {
    return tail(this.#relay, options);
  }

  /** Any call: what is not 2xx is thrown. */
  request(
    method: string,
    path: string,
    input: {
      readonly query?: Readonly<Record<string, unknown>>;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: BodyInit;
    } = {},
    options?: CallOptions,
  ): Promise<Response> {
    const { query, headers = {}, body } = input;
    return this.#relay.send(
      { method: method.toLowerCase(), url: this.#relay.urlOf(path, {}, query), headers, body },
      options,
    );
  }
}
