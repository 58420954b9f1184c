/** Who calls: the operator with the admin key, for any tenant, or the holder of a tenant's key. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { oneMore, type MinuteCount } from '../core/minute-count.ts';
import type { Role } from '../core/role.ts';
import { eventLogOf, isTenantGone, type TenantRef } from '../registry/address.ts';
import { movedKey, refuseKey, routeOfKey } from '../routing/routes.ts';
import { livesSeen, resolveTenant } from '../routing/tenant-memory.ts';
import type { Env } from '../env.ts';
import type { HookScope } from '../event-log/hook-scope.ts';
import { DEFAULT_TENANT } from '../tenants/tenant.ts';
import type { AppEnv } from './context.ts';
import { Refusal, notFound } from './problem.ts';
import { keyOfUpgrade } from './upgrade.ts';
import { searchFor, wrongCredential } from './wrong-credentials.ts';

/** Who calls, and as what. */
export type Caller =
  { readonly kind: 'operator' } | { readonly kind: 'key'; readonly keyId: string; readonly role: Role };

/** A revoked key stops within a minute; this much of it is spent here. */
const KEY_REMEMBERED_MS = 20_000;
const REMEMBERED_KEYS = 10_000;

interface RememberedKey {
  readonly caller: Caller;
  readonly untilMs: number;
  /** See `livesSeen`. */
  readonly lives: number;
}

const rememberedKeys = new Map<string, RememberedKey>();
/** By the hash of the key. */
const counts = new Map<string, MinuteCount>();

/** Lets through who has a key, and sets `tenant` and `caller`. */
export function authenticate(): MiddlewareHandler<AppEnv> {
  return async function authenticated(c, next) {
    const presented =
      /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? keyOfUpgrade(c.req.raw.headers);
    if (presented === undefined) {
      throw new Refusal('unauthorized', 'Send the header Authorization: Bearer followed by a key.');
    }
    const asked = c.req.header('posthorn-tenant');
    const { tenant, caller } = await identify(c, presented, asked ?? DEFAULT_TENANT);
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
  c: Context<AppEnv>,
  presented: string,
  askedTenant: string,
): Promise<{ tenant: TenantRef; caller: Caller }> {
  if (isSame(presented, c.get('adminKey'))) {
    const tenant = await resolveTenant(c.env, askedTenant);
    if (tenant === null) throw notFound('tenant');
    return { tenant, caller: { kind: 'operator' } };
  }
  let route = await routeOfKey(c.env, presented, searchFor(c));
  let caller = route && (await callerOf(c.env, route));
  if (route !== null && caller === 'tenant-gone') {
    route = await movedKey(c.env, presented, route);
    caller = route && (await callerOf(c.env, route));
  }
  if (route === null || caller === null || caller === 'tenant-gone') {
    if (route !== null) refuseKey(presented);
    const refusal = new Refusal('unauthorized', 'This key is unknown, revoked or expired.');
    throw await wrongCredential(c, refusal);
  }
  checkPace(route.hash, c.get('settings').keyRequestsPerMinute);
  return { tenant: route, caller };
}

/** In the memory of this isolate: a key that calls through several may do as much in each. */
function checkPace(keyHash: string, most: number): void {
  const count = oneMore(counts.get(keyHash), most, Date.now());
  if (count === null)
    throw new Refusal('rate-limited', `A key may make ${most} calls a minute; wait a minute.`);
  if (counts.size >= REMEMBERED_KEYS && !counts.has(keyHash)) counts.clear();
  counts.set(keyHash, count);
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
): Promise<Caller | 'tenant-gone' | null> {
  const nowMs = Date.now();
  const remembered = rememberedKeys.get(route.hash);
  const isOfToday = remembered?.lives === livesSeen();
  if (remembered !== undefined && isOfToday && remembered.untilMs > nowMs) return remembered.caller;
  const key = await liveKey(env, route);
  if (key === null || key === 'tenant-gone') {
    rememberedKeys.delete(route.hash);
    return key;
  }
  if (rememberedKeys.size >= REMEMBERED_KEYS) rememberedKeys.clear();
  const caller = { kind: 'key', keyId: key.id, role: key.role } as const;
  const untilMs = Math.min(nowMs + KEY_REMEMBERED_MS, key.expiresAtMs ?? Infinity);
  rememberedKeys.set(route.hash, { caller, untilMs, lives: livesSeen() });
  return caller;
}

/** `tenant-gone`: the tenant of this life has been erased. */
async function liveKey(env: Env, route: TenantRef & { readonly hash: string }) {
  try {
    return await eventLogOf(env, route).liveKey(route.hash);
  } catch (error) {
    if (isTenantGone(error)) return 'tenant-gone' as const;
    throw error;
  }
}

/** Constant time over digests, so that neither content nor length of the key shows in the time it takes. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => hash('sha256', text, 'buffer');
  return timingSafeEqual(digest(a), digest(b));
}
