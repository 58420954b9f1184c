/** Where a tenant's objects live. Every stub in the relay is made here, so that none escapes its jurisdiction. */
import type { Env } from '../env.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Hook } from '../hook/hook.ts';
import type { Jurisdiction } from '../settings.ts';
import type { Switchboard } from '../switchboard/switchboard.ts';
import type { Tenants } from '../tenants/tenants.ts';

/**
 * One life of a tenant. The incarnation is part of every object name, so that a tenant made again under an
 * old name never meets objects, alarms or calls of the erased one.
 */
export interface TenantRef {
  readonly tenant: string;
  readonly incarnation: string;
  readonly jurisdiction: Jurisdiction | null;
}

/** The part of a namespace that keeps its objects in `jurisdiction`. Throws where the runtime has none. */
export function namespaceIn<T extends { jurisdiction(name: Jurisdiction): unknown }>(
  namespace: T,
  jurisdiction: Jurisdiction | null,
): T {
  return jurisdiction === null ? namespace : (namespace.jurisdiction(jurisdiction) as T);
}

export function tenantsOf(env: Env): DurableObjectStub<Tenants> {
  return env.TENANTS.getByName('tenants');
}

export function eventLogOf(env: Env, ref: TenantRef): DurableObjectStub<EventLog> {
  return namespaceIn(env.EVENT_LOG, ref.jurisdiction).getByName(`${ref.tenant}.${ref.incarnation}`);
}

export function hookOf(env: Env, ref: TenantRef, hookId: number): DurableObjectStub<Hook> {
  return namespaceIn(env.HOOK, ref.jurisdiction).getByName(`${ref.tenant}.${ref.incarnation}/${hookId}`);
}

/** Of the whole relay, like the tenants: it holds nothing of any tenant. */
export function switchboardOf(env: Env): DurableObjectStub<Switchboard> {
  return env.SWITCHBOARD.getByName('switchboard');
}

/** Message of the error that every call to a tenant that is not there (any more) ends in. */
export const TENANT_GONE = 'tenant-gone';

export function isTenantGone(error: unknown): boolean {
  return error instanceof Error && error.message.includes(TENANT_GONE);
}
