/** `/metrics`: what the logs know of their tenants, for Prometheus. No hook is asked. */
import type { Context } from 'hono';
import * as z from 'zod';
import { EXPOSITION_TYPE, exposition } from '../../core/exposition.ts';
import { eventLogOf, isTenantGone, tenantsOf, type TenantRef } from '../../registry/address.ts';
import { inParallel } from '../../storage/in-parallel.ts';
import { withDeadline } from '../../storage/deadline.ts';
import type { Api } from '../api.ts';
import type { AppEnv } from '../context.ts';
import { familiesOf, type Scraped } from './metric-families.ts';

/** With what authentication takes, below the 40 subrequests of a page. */
const TENANTS_SHOWN = 35;
const LOGS_AT_ONCE = 8;
const ANSWER_WITHIN_MS = 5_000;

export const getMetrics = {
  method: 'get',
  path: '/metrics',
  summary: 'Figures for Prometheus',
  operationId: 'getMetrics',
  tag: 'Operations',
  description:
    'Answers in Prometheus’ text format from what is known without asking any hook, at most a minute old. With the admin key of all tenants, unless the header posthorn-tenant picks one.',
  roles: ['viewer'],
  answers: {
    200: {
      description: 'The figures, in text format 0.0.4',
      schema: z.string(),
      mediaType: 'text/plain',
    },
  },
  problems: [],
} as const;

export function metricsRoutes(api: Api): void {
  api.route(getMetrics, async (c) => {
    const { tenants, omitted } = await tenantsShown(c);
    const scraped: Scraped[] = [];
    await inParallel(tenants, LOGS_AT_ONCE, async (tenant) => {
      const one = await scrape(c, tenant);
      if (one !== null) scraped.push(one);
    });
    scraped.sort((a, b) => (a.tenant < b.tenant ? -1 : 1));
    return c.body(exposition(familiesOf(scraped, omitted, Date.now())), 200, {
      'content-type': EXPOSITION_TYPE,
    });
  });
}

async function tenantsShown(c: Context<AppEnv>): Promise<{ tenants: TenantRef[]; omitted: boolean }> {
  const isOfAll = c.get('caller').kind === 'operator' && c.req.header('posthorn-tenant') === undefined;
  if (!isOfAll) return { tenants: [c.get('tenant')], omitted: false };
  const tenants = await tenantsOf(c.env).list(null, TENANTS_SHOWN + 1, 'asc');
  return { tenants: tenants.slice(0, TENANTS_SHOWN), omitted: tenants.length > TENANTS_SHOWN };
}

/** null: it was erased meanwhile. */
async function scrape(c: Context<AppEnv>, ref: TenantRef): Promise<Scraped | null> {
  try {
    const metrics = await withDeadline(eventLogOf(c.env, ref).metrics(), ANSWER_WITHIN_MS);
    return { tenant: ref.tenant, metrics };
  } catch (error) {
    if (isTenantGone(error)) return null;
    console.warn('log gives no metrics', { tenant: ref.tenant, error: String(error) });
    return { tenant: ref.tenant, metrics: null };
  }
}
