/**
 * The audit of what the operator does to the relay as a whole: it is kept with the tenant `default`, which is always there.
 * An entry comes before its change, which another object makes: none is made that is on no record.
 */
import type { Context } from 'hono';
import { eventLogOf } from '../registry/address.ts';
import { askTenant } from '../routing/tenant-memory.ts';
import { DEFAULT_TENANT } from '../tenants/tenant.ts';
import { attributionOf } from './attribution.ts';
import type { AppEnv } from './context.ts';

export async function auditOfRelay(
  c: Context<AppEnv>,
  target: string,
  before: object | null,
  after: object | null,
): Promise<void> {
  await askTenant(c.env, DEFAULT_TENANT, async (ref) => {
    await eventLogOf(c.env, ref).audited(attributionOf(c), target, before, after);
  });
}
