/** Where a tenant's objects live. Every stub in the relay is made here, so that none escapes its jurisdiction. */
import type { Jurisdiction } from '../settings.ts';

/**
 * One life of a tenant. The incarnation is part of every object name, so that a tenant made again under an
 * old name never meets objects, alarms or calls of the erased one.
 */
export interface TenantRef {
  readonly tenant: string;
  readonly incarnation: string;
  readonly jurisdiction: Jurisdiction | null;
}

/** A tenant as the directory knows it. */
export interface Tenant extends TenantRef {
  readonly name: string;
  readonly createdAtMs: number;
}

/** The part of a namespace that keeps its objects in `jurisdiction`. Throws where the runtime has none. */
export function namespaceIn<T extends { jurisdiction(name: Jurisdiction): unknown }>(
  namespace: T,
  jurisdiction: Jurisdiction | null,
): T {
  return jurisdiction === null ? namespace : (namespace.jurisdiction(jurisdiction) as T);
}

/** A class of objects that the caller knows; which one stands behind a binding is for the caller's own `Env` to say. */
type Class = Rpc.DurableObjectBranded;

export function tenantsOf<T extends Class>(env: {
  readonly TENANTS: DurableObjectNamespace<T>;
}): DurableObjectStub<T> {
  return env.TENANTS.getByName('tenants');
}

export function eventLogOf<T extends Class>(
  env: { readonly EVENT_LOG: DurableObjectNamespace<T> },
  ref: TenantRef,
): DurableObjectStub<T> {
  return namespaceIn(env.EVENT_LOG, ref.jurisdiction).getByName(`${ref.tenant}.${ref.incarnation}`);
}

export function hookOf<T extends Class>(
  env: { readonly HOOK: DurableObjectNamespace<T> },
  ref: TenantRef,
  hookId: number,
): DurableObjectStub<T> {
  return namespaceIn(env.HOOK, ref.jurisdiction).getByName(`${ref.tenant}.${ref.incarnation}/${hookId}`);
}

/** Of the whole relay, like the tenants: it holds nothing of any tenant. */
export function switchboardOf<T extends Class>(env: {
  readonly SWITCHBOARD: DurableObjectNamespace<T>;
}): DurableObjectStub<T> {
  return env.SWITCHBOARD.getByName('switchboard');
}

/** Message of the error that every call to a tenant that is not there (any more) ends in. */
export const TENANT_GONE = 'tenant-gone';

export function isTenantGone(error: unknown): boolean {
  return error instanceof Error && error.message.includes(TENANT_GONE);
}
