/**
 * From a credential to the tenant it belongs to: memory, else KV, else the authority the credential itself names.
 * Only facts that never change are kept here; whether a key or URL is still good is asked of its event log.
 */
import type { Env } from '../env.ts';
import { eventLogOf, type TenantRef } from '../registry/address.ts';
import { credentialHash, tenantOfKey, tenantOfToken } from '../registry/credential.ts';
import { keyRecordKey, tokenRecordKey, type KeyRoute, type TokenRoute } from '../registry/records.ts';
import { askTenant, livesSeen } from './tenant-memory.ts';

const MOST_REMEMBERED = 10_000;
const KV_CACHE_SECONDS = 3600;
/** Nobody can guess a credential that is made later, but an import can bring one that was presented before. */
const REFUSED_MS = 5_000;

type Hashed<Route> = Route & { readonly hash: string };

/** `in-kv`: the authority is spared, unless KV fails. What was given out more than a minute ago is in KV for certain. */
export type Search = 'everywhere' | 'in-kv';

/** One kind of credential, with what is remembered of those that were presented. */
class Credentials<Route extends TenantRef> {
  readonly #tenantOf: (credential: string) => string | null;
  readonly #recordKey: (hash: string) => string;
  readonly #ask: (env: Env, ref: TenantRef, hash: string) => Promise<Route | null>;
  /** By the credential itself: it goes through this memory anyway, and its hash need not be made again. */
  readonly #known = new Map<string, Hashed<Route>>();
  #lives = livesSeen();
  /** Until when they are refused without asking. */
  readonly #refused = new Map<string, number>();

  constructor(
    tenantOf: (credential: string) => string | null,
    recordKey: (hash: string) => string,
    ask: (env: Env, ref: TenantRef, hash: string) => Promise<Route | null>,
  ) {
    this.#tenantOf = tenantOf;
    this.#recordKey = recordKey;
    this.#ask = ask;
  }

  async route(env: Env, credential: string, search: Search): Promise<Hashed<Route> | null> {
    if (this.#lives !== livesSeen()) {
      this.#lives = livesSeen();
      this.#known.clear();
    }
    const known = this.#known.get(credential);
    if (known !== undefined) return known;
    const tenant = this.#tenantOf(credential);
    if (tenant === null || this.#isRefused(credential)) return null;
    const hash = credentialHash(credential);
    const route = await this.#find(env, tenant, hash, search);
    if (route !== null) return remember(this.#known, credential, { ...route, hash });
    if (search === 'everywhere') this.refuse(credential);
    return null;
  }

  /**
   * Where the credential leads when the tenant of that life is no more: an import may have put it into a later one, of which
   * a copy of KV near by knows nothing for up to an hour. Null: nowhere.
   */
  async moved(env: Env, credential: string, gone: TenantRef): Promise<Hashed<Route> | null> {
    this.#known.delete(credential);
    const tenant = this.#tenantOf(credential);
    if (tenant === null) return null;
    const hash = credentialHash(credential);
    const route = await askTenant(env, tenant, (ref) => this.#ask(env, ref, hash));
    if (route === null || route.incarnation === gone.incarnation) return null;
    return remember(this.#known, credential, { ...route, hash });
  }

  refuse(credential: string): void {
    this.#known.delete(credential);
    remember(this.#refused, credential, Date.now() + REFUSED_MS);
  }

  #isRefused(credential: string): boolean {
    const untilMs = this.#refused.get(credential);
    if (untilMs === undefined) return false;
    if (untilMs > Date.now()) return true;
    this.#refused.delete(credential);
    return false;
  }

  async #find(env: Env, tenant: string, hash: string, search: Search): Promise<Route | null> {
    const record = await fromKv<Route>(env, this.#recordKey(hash));
    if (record !== null && record !== 'failed') return record;
    if (search === 'in-kv' && record === null) return null;
    return askTenant(env, tenant, (ref) => this.#ask(env, ref, hash));
  }
}

const tokens = new Credentials<TokenRoute>(tenantOfToken, tokenRecordKey, (env, ref, hash) =>
  eventLogOf(env, ref).routeOfToken(hash),
);
const keys = new Credentials<KeyRoute>(tenantOfKey, keyRecordKey, (env, ref, hash) =>
  eventLogOf(env, ref).routeOfKey(hash),
);

/** The route of an inbound token and its hash; null when no tenant ever gave it out. */
export function routeOfToken(
  env: Env,
  token: string,
  search: Search = 'everywhere',
): Promise<Hashed<TokenRoute> | null> {
  return tokens.route(env, token, search);
}

/** The route of a tenant's key and its hash; null when no tenant ever gave it out. */
export function routeOfKey(
  env: Env,
  key: string,
  search: Search = 'everywhere',
): Promise<Hashed<KeyRoute> | null> {
  return keys.route(env, key, search);
}

/** Where an inbound token leads now that the tenant of this route is no more; null: nowhere. */
export function movedToken(env: Env, token: string, gone: TenantRef): Promise<Hashed<TokenRoute> | null> {
  return tokens.moved(env, token, gone);
}

/** The same of a key. */
export function movedKey(env: Env, key: string, gone: TenantRef): Promise<Hashed<KeyRoute> | null> {
  return keys.moved(env, key, gone);
}

/** Its authority says that it is good no longer: for a while nobody is asked again. */
export function refuseToken(token: string): void {
  tokens.refuse(token);
}

export function refuseKey(key: string): void {
  keys.refuse(key);
}

function remember<T>(memory: Map<string, T>, credential: string, value: T): T {
  if (memory.size >= MOST_REMEMBERED) memory.clear();
  memory.set(credential, value);
  return value;
}

/** A KV that fails is a KV that has not seen the record: the authority knows. */
async function fromKv<T>(env: Env, recordKey: string): Promise<T | null | 'failed'> {
  try {
    return await env.REGISTRY.get<T>(recordKey, { type: 'json', cacheTtl: KV_CACHE_SECONDS });
  } catch (error) {
    console.warn('KV read failed', { record: recordKey.split(':')[0], error: String(error) });
    return 'failed';
  }
}
