/** `/v1/tenants`: the operator's alone. */
import * as z from 'zod';
import { tenantsOf } from '../../registry/address.ts';
import { forgetErased, resolveTenant } from '../../routing/tenant-memory.ts';
import { JURISDICTIONS } from '../../settings.ts';
import type { Tenant } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { List, ListQuery, pageOf } from '../paging.ts';
import { auditOfRelay } from '../relay-audit.ts';
import { Refusal, invalid, notFound } from '../problem.ts';
import { rule } from '../validation.ts';
import { Time, ignored, timeOf } from './field.ts';

const TENANT_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** First segments of the relay's own paths: a tenant may stand in that place in a provider's dialect. */
const RESERVED = ['v1', 'api', 'in', 'console', 'docs', 'webhooks', 'healthz', 'metrics', 'openapi.json'];

const TenantId = z
  .string()
  .superRefine((id, context) => {
    if (!TENANT_ID.test(id)) {
      context.addIssue(
        rule('1 to 63 of a-z, 0-9 and -, not starting with -', JSON.stringify(id.slice(0, 80))),
      );
    } else if (RESERVED.includes(id))
      context.addIssue(rule('a name that is not reserved', JSON.stringify(id)));
  })
  .meta({ pattern: TENANT_ID.source, example: 'acme' });

const TenantSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    jurisdiction: z.enum(JURISDICTIONS).nullable(),
    createdAt: Time,
  })
  .meta({ id: 'Tenant' });

const NewTenant = z
  .strictObject({
    id: TenantId,
    name: z.string().max(400).default(''),
    jurisdiction: z.enum(JURISDICTIONS).nullable().default(null),
    createdAt: ignored,
  })
  .meta({ id: 'NewTenant' });

export const createTenant = {
  method: 'post',
  path: '/v1/tenants',
  summary: 'Make a tenant',
  operationId: 'createTenant',
  tag: 'Tenants',
  description: 'Makes a tenant, and with it the jurisdiction that its objects stay in.',
  isForOperator: true,
  body: NewTenant,
  answers: { 201: { description: 'The tenant', schema: TenantSchema } },
  problems: ['invalid', 'conflict', 'too-large'],
} as const;

export const listTenants = {
  method: 'get',
  path: '/v1/tenants',
  summary: 'List tenants, by id',
  operationId: 'listTenants',
  tag: 'Tenants',
  description: 'Lists the tenants of the relay.',
  isForOperator: true,
  query: ListQuery,
  answers: { 200: { description: 'A page of tenants', schema: pageOf(TenantSchema) } },
  problems: ['invalid'],
} as const;

export const deleteTenant = {
  method: 'delete',
  path: '/v1/tenants/{id}',
  summary: 'Erase a tenant and everything of it',
  operationId: 'eraseTenant',
  tag: 'Tenants',
  description:
    'Erases every source, hook, key, event and delivery of a tenant. Its URLs stop at once; its storage follows.',
  isForOperator: true,
  params: z.object({ id: z.string().meta({ description: 'The id of the tenant.' }) }),
  answers: { 202: { description: 'It is being erased and is gone for every call from now on.' } },
  problems: ['not-found'],
} as const;

export function tenantRoutes(api: Api): void {
  api.route(createTenant, async (c, input) => {
    const { id, name, jurisdiction } = input.body;
    if ((await resolveTenant(c.env, id)) === null)
      await auditOfRelay(c, `tenant/${id}`, null, { id, jurisdiction });
    const made = await tenantsOf(c.env).create(id, name, jurisdiction);
    if (made.ok) return c.json(tenantJson(made.tenant), 201);
    if (made.reason === 'conflict') {
      throw new Refusal(
        'conflict',
        `There is a tenant ${id} already, or one of that name is still being erased.`,
      );
    }
    throw invalid({
      path: '/jurisdiction',
      expected: 'null: this runtime has no jurisdictions',
      got: JSON.stringify(jurisdiction),
    });
  });

  api.route(listTenants, async (c, input) => {
    const { limit, order, cursor } = input.query;
    const list = new List([c.req.path, order]);
    const tenants = await tenantsOf(c.env).list(list.textOf(cursor), limit + 1, order);
    return c.json(
      list.page<Tenant, TenantJson>(tenants, limit, ({ tenant }) => tenant, tenantJson),
      200,
    );
  });

  api.route(deleteTenant, async (c, input) => {
    const { id } = input.params;
    if ((await resolveTenant(c.env, id)) !== null) await auditOfRelay(c, `tenant/${id}`, { id }, null);
    const isErased = await tenantsOf(c.env).erase(id);
    forgetErased();
    if (!isErased) throw notFound('tenant');
    return c.body(null, 202);
  });
}

type TenantJson = z.infer<typeof TenantSchema>;

function tenantJson({ tenant, name, jurisdiction, createdAtMs }: Tenant): TenantJson {
  return { id: tenant, name, jurisdiction, createdAt: timeOf(createdAtMs) };
}
