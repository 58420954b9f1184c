/** Who calls: the operator with the admin key, for any tenant, or the holder of a tenant's key. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { Role } from '../core/role.ts';
import { eventLogOf, isTenantGone, tenantsOf, type TenantRef } from '../registry/address.ts';
import { routeOfKey } from '../registry/routes.ts';
import type { Env } from '../env.ts';
import type { HookScope } from '../event-log/hooks.ts';
import { DEFAULT_TENANT } from '../tenants/tenants.ts';
import type { AppEnv } from './context.ts';
import { Refusal, notFound } from './problem.ts';

/** Who calls, and as what. */
export type Caller =
  { readonly kind: 'operator' } | { readonly kind: 'key'; readonly keyId: string; readonly role: Role };

/** A revoked key stops within a minute; this much of it is spent here. */
const KEY_REMEMBERED_MS = 20_000;
const REMEMBERED_KEYS = 10_000;

interface RememberedKey {
  readonly caller: Caller;
  readonly untilMs: number;
}

const rememberedKeys = new Map<string, RememberedKey>();

/** Lets through who has a key, and sets `tenant` and `caller`. */
export function authenticate(): MiddlewareHandler<AppEnv> {
  return async function authenticated(c, next) {
    const presented = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (presented === undefined) {
      throw new Refusal('unauthorized', 'Send the header Authorization: Bearer followed by a key.');
    }
    const asked = c.req.header('posthorn-tenant');
    const { tenant, caller } = await identify(c.env, c.get('adminKey'), presented, asked ?? DEFAULT_TENANT);
    if (asked !== undefined && asked !== tenant.tenant) {
      throw new Refusal(
        'forbidden',
        `This key belongs to tenant ${tenant.tenant}; only the admin key picks another.`,
      );
    }
    c.set('tenant', tenant);
    c.set('caller', caller);
    return next();
  };
}

/** Whom a credential stands for. The admin key stands for the operator, in the tenant that was asked for. */
export async function identify(
  env: Env,
  adminKey: string,
  presented: string,
  askedTenant: string,
): Promise<{ tenant: TenantRef; caller: Caller }> {
  if (isSame(presented, adminKey)) {
    const tenant = await tenantsOf(env).resolve(askedTenant);
    if (tenant === null) throw notFound('tenant');
    return { tenant, caller: { kind: 'operator' } };
  }
  const route = await routeOfKey(env, presented);
  const caller = route === null ? null : await callerOf(env, route);
  if (route === null || caller === null) {
    throw new Refusal('unauthorized', 'This key is unknown, revoked or expired.');
  }
  return { tenant: route, caller };
}

/** May this caller do what these roles may, besides a tenant's admin keys? */
export function isAllowed(caller: Caller, roles: readonly Role[]): boolean {
  return caller.kind === 'operator' || caller.role === 'admin' || roles.includes(caller.role);
}

/** The hooks a caller sees: a subscriber's key only those made with it. */
export function hooksOf(caller: Caller, dialect: HookScope['dialect'] = null): HookScope {
  return { dialect, keyId: caller.kind === 'key' && caller.role === 'subscriber' ? caller.keyId : null };
}

async function callerOf(
  env: Env,
  route: NonNullable<Awaited<ReturnType<typeof routeOfKey>>>,
): Promise<Caller | null> {
  const nowMs = Date.now();
  const remembered = rememberedKeys.get(route.hash);
  if (remembered !== undefined && remembered.untilMs > nowMs) return remembered.caller;
  const key = await liveKey(env, route);
  if (key === null) {
    rememberedKeys.delete(route.hash);
    return null;
  }
  if (rememberedKeys.size >= REMEMBERED_KEYS) rememberedKeys.clear();
  const caller = { kind: 'key', keyId: key.id, role: key.role } as const;
  const untilMs = Math.min(nowMs + KEY_REMEMBERED_MS, key.expiresAtMs ?? Infinity);
  rememberedKeys.set(route.hash, { caller, untilMs });
  return caller;
}

/** A key of a tenant that has been erased is as unknown as one that never was. */
async function liveKey(env: Env, route: TenantRef & { readonly hash: string }) {
  try {
    return await eventLogOf(env, route).liveKey(route.hash);
  } catch (error) {
    if (isTenantGone(error)) return null;
    throw error;
  }
}

/** Constant time over digests, so that neither content nor length of the key shows in the time it takes. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => hash('sha256', text, 'buffer');
  return timingSafeEqual(digest(a), digest(b));
}
