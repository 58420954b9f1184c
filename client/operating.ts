/** What an operator asks of a relay, besides its registrations and events. */
import type { listAudit, verifyAudit } from '../src/http/native/audit.ts';
import type { createKey, listKeys, revokeKey } from '../src/http/native/keys.ts';
import type { getProvider, listProviders } from '../src/http/native/providers.ts';
import type { listTemplates, previewTemplate, testFilters } from '../src/http/native/shaping.ts';
import type { getSwitches, putSwitches } from '../src/http/native/switches.ts';
import type { createTenant, deleteTenant, listTenants } from '../src/http/native/tenants.ts';
import type { List } from './list.ts';
import type { AnswerOf, BodyOf, ItemOf, QueryOf } from './route.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Key = ItemOf<typeof listKeys>;
export type Tenant = ItemOf<typeof listTenants>;
export type Provider = AnswerOf<typeof listProviders>['data'][number];
export type ReadyTemplate = AnswerOf<typeof listTemplates>['data'][number];
export type Switches = AnswerOf<typeof getSwitches>;
export type AuditEntry = ItemOf<typeof listAudit>;

/** `relay.keys`. */
export class Keys {
  readonly #relay: Transport;

  constructor(relay: Transport) {
    this.#relay = relay;
  }

  list(query?: QueryOf<typeof listKeys>, options?: CallOptions): List<Key> {
    return this.#relay.list<typeof listKeys>('/v1/keys', { query }, options);
  }

  /** The key itself is in this answer and never again. */
  create(body: BodyOf<typeof createKey>, options?: CallOptions): Promise<AnswerOf<typeof createKey>> {
    return this.#relay.call<typeof createKey>('post', '/v1/keys', { body }, options);
  }

  revoke(id: string, options?: CallOptions): Promise<undefined> {
    return this.#relay.call<typeof revokeKey>('delete', '/v1/keys/{id}', { params: { id } }, options);
  }
}

/** `relay.tenants`: with the admin key alone. */
export class Tenants {
  readonly #relay: Transport;

  constructor(relay: Transport) {
    this.#relay = relay;
  }

  list(query?: QueryOf<typeof listTenants>, options?: CallOptions): List<Tenant> {
    return this.#relay.list<typeof listTenants>('/v1/tenants', { query }, options);
  }

  create(body: BodyOf<typeof createTenant>, options?: CallOptions): Promise<Tenant> {
    return this.#relay.call<typeof createTenant>('post', '/v1/tenants', { body }, options);
  }

  /** Erases everything of it. */
  delete(id: string, options?: CallOptions): Promise<undefined> {
    return this.#relay.call<typeof deleteTenant>('delete', '/v1/tenants/{id}', { params: { id } }, options);
  }
}

/** `relay.switches`: with the admin key alone. */
export class SwitchesOfRelay {
  readonly #relay: Transport;

  constructor(relay: Transport) {
    this.#relay = relay;
  }

  get(options?: CallOptions): Promise<Switches> {
    return this.#relay.call<typeof getSwitches>('get', '/v1/switches', {}, options);
  }

  /** What is absent stays as it is. */
  set(body: BodyOf<typeof putSwitches>, options?: CallOptions): Promise<Switches> {
    return this.#relay.call<typeof putSwitches>('put', '/v1/switches', { body }, options);
  }
}

/** `relay.providers`. */
export class Providers {
  readonly #relay: Transport;

  constructor(relay: Transport) {
    this.#relay = relay;
  }

  async list(options?: CallOptions): Promise<Provider[]> {
    return (await this.#relay.call<typeof listProviders>('get', '/v1/providers', {}, options)).data;
  }

  /** With its recipe. */
  get(id: string, options?: CallOptions): Promise<AnswerOf<typeof getProvider>> {
    return this.#relay.call<typeof getProvider>('get', '/v1/providers/{id}', { params: { id } }, options);
  }
}

/** `relay.shaping`: trying out filters and templates, without a hook. */
export class Shaping {
  readonly #relay: Transport;

  constructor(relay: Transport) {
    this.#relay = relay;
  }

  testFilters(
    body: BodyOf<typeof testFilters>,
    options?: CallOptions,
  ): Promise<AnswerOf<typeof testFilters>> {
    return this.#relay.call<typeof testFilters>('post', '/v1/filters/test', { body }, options);
  }

  preview(
    body: BodyOf<typeof previewTemplate>,
    options?: CallOptions,
  ): Promise<AnswerOf<typeof previewTemplate>> {
    return this.#relay.call<typeof previewTemplate>('post', '/v1/templates/preview', { body }, options);
  }

  async templates(options?: CallOptions): Promise<ReadyTemplate[]> {
    return (await this.#relay.call<typeof listTemplates>('get', '/v1/templates', {}, options)).data;
  }
}

/** `relay.audit`: who changed what. */
export class Audit {
  readonly #relay: Transport;

  constructor(relay: Transport) {
    this.#relay = relay;
  }

  list(query?: QueryOf<typeof listAudit>, options?: CallOptions): List<AuditEntry> {
    return this.#relay.list<typeof listAudit>('/v1/audit', { query }, options);
  }

  verify(options?: CallOptions): Promise<AnswerOf<typeof verifyAudit>> {
    return this.#relay.call<typeof verifyAudit>('get', '/v1/audit/verify', {}, options);
  }
}
