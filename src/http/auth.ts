/** Who calls: the operator with the admin key, for any tenant, or the holder of a tenant's key. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { eventLogOf, tenantsOf } from '../registry/address.ts';
import { routeOfKey } from '../registry/routes.ts';
import { DEFAULT_TENANT } from '../tenants/tenants.ts';
import type { Env } from '../env.ts';
import type { AppEnv } from './context.ts';
import { Refusal, notFound } from './problem.ts';

/** A revoked key stops within a minute; this much of it is spent here. */
const LIVE_KEY_REMEMBERED_MS = 20_000;
const REMEMBERED_KEYS = 10_000;

const liveUntilMs = new Map<string, number>();

/** Lets through who has a key, and sets `tenant` and `isOperator`. */
export function authenticate(): MiddlewareHandler<AppEnv> {
  return async function authenticated(c, next) {
    const presented = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (presented === undefined) {
      throw new Refusal('unauthorized', 'Send the header Authorization: Bearer followed by a key.');
    }
    const asked = c.req.header('posthorn-tenant');
    if (isSame(presented, c.get('adminKey'))) {
      const tenant = await tenantsOf(c.env).resolve(asked ?? DEFAULT_TENANT);
      if (tenant === null) throw notFound('tenant');
      c.set('tenant', tenant);
      c.set('isOperator', true);
      return next();
    }
    const route = await routeOfKey(c.env, presented);
    if (route === null || !(await isLive(c.env, route))) {
      throw new Refusal('unauthorized', 'This key is unknown or revoked.');
    }
    if (asked !== undefined && asked !== route.tenant) {
      throw new Refusal(
        'forbidden',
        `This key belongs to tenant ${route.tenant}; only the admin key picks another.`,
      );
    }
    c.set('tenant', route);
    c.set('isOperator', false);
    return next();
  };
}

async function isLive(
  env: Env,
  route: NonNullable<Awaited<ReturnType<typeof routeOfKey>>>,
): Promise<boolean> {
  const nowMs = Date.now();
  if ((liveUntilMs.get(route.hash) ?? 0) > nowMs) return true;
  const isLiveKey = await eventLogOf(env, route).isLiveKey(route.hash);
  if (liveUntilMs.size >= REMEMBERED_KEYS) liveUntilMs.clear();
  if (isLiveKey) liveUntilMs.set(route.hash, nowMs + LIVE_KEY_REMEMBERED_MS);
  else liveUntilMs.delete(route.hash);
  return isLiveKey;
}

/** Constant time over digests, so that neither content nor length of the key shows in the time it takes. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
