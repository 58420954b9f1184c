/**
 * From a credential to the tenant it belongs to: memory, else KV, else the authority the credential itself names.
 * Only facts that never change are kept here; whether a key or URL is still good is asked of its event log.
 */
import type { Env } from '../env.ts';
import { eventLogOf, tenantsOf, type TenantRef } from './address.ts';
import { credentialHash, tenantOfKey, tenantOfToken } from './credential.ts';
import { keyRecordKey, tokenRecordKey, type KeyRoute, type TokenRoute } from './records.ts';

const REMEMBERED_ROUTES = 10_000;
const KV_CACHE_SECONDS = 3600;

type Hashed<Route> = Route & { readonly hash: string };

/** By the credential itself: it goes through this memory anyway, and its hash need not be made again. */
const rememberedTokens = new Map<string, Hashed<TokenRoute>>();
const rememberedKeys = new Map<string, Hashed<KeyRoute>>();

/** The route of an inbound token and its hash; null when no tenant ever gave it out. */
export async function routeOfToken(env: Env, token: string): Promise<Hashed<TokenRoute> | null> {
  const known = rememberedTokens.get(token);
  if (known !== undefined) return known;
  const tenant = tenantOfToken(token);
  if (tenant === null) return null;
  const hash = credentialHash(token);
  const route = await find<TokenRoute>(env, tokenRecordKey(hash), tenant, (ref) =>
    eventLogOf(env, ref).routeOfToken(hash),
  );
  return route === null ? null : remember(rememberedTokens, token, { ...route, hash });
}

/** The route of a tenant's key and its hash; null when no tenant ever gave it out. */
export async function routeOfKey(env: Env, key: string): Promise<Hashed<KeyRoute> | null> {
  const known = rememberedKeys.get(key);
  if (known !== undefined) return known;
  const tenant = tenantOfKey(key);
  if (tenant === null) return null;
  const hash = credentialHash(key);
  const route = await find<KeyRoute>(env, keyRecordKey(hash), tenant, (ref) =>
    eventLogOf(env, ref).routeOfKey(hash),
  );
  return route === null ? null : remember(rememberedKeys, key, { ...route, hash });
}

function remember<Route>(remembered: Map<string, Route>, credential: string, route: Route): Route {
  if (remembered.size >= REMEMBERED_ROUTES) remembered.clear();
  remembered.set(credential, route);
  return route;
}

async function find<T extends KeyRoute | TokenRoute>(
  env: Env,
  recordKey: string,
  tenant: string,
  askAuthority: (ref: TenantRef) => Promise<T | null>,
): Promise<T | null> {
  return (await fromKv<T>(env, recordKey)) ?? (await fromAuthority(env, tenant, askAuthority));
}

/** A KV that fails is a KV that has not seen the record: the authority knows. */
async function fromKv<T>(env: Env, recordKey: string): Promise<T | null> {
  try {
    return await env.REGISTRY.get<T>(recordKey, { type: 'json', cacheTtl: KV_CACHE_SECONDS });
  } catch (error) {
    console.warn('KV read failed', { record: recordKey.split(':')[0], error: String(error) });
    return null;
  }
}

async function fromAuthority<T>(
  env: Env,
  tenant: string,
  ask: (ref: TenantRef) => Promise<T | null>,
): Promise<T | null> {
  const ref = await tenantsOf(env).resolve(tenant);
  return ref === null ? null : await ask(ref);
}
