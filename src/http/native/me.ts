/** `/v1/me`: whose key this is. Whoever shows what a key may do has to know it. */
import * as z from 'zod';
import { ROLES } from '../../core/role.ts';
import type { Api } from '../api.ts';

const MeSchema = z
  .object({
    tenant: z.string().meta({ description: 'The tenant that the key acts for.' }),
    role: z.enum(['operator', ...ROLES]).meta({ description: 'operator: the admin key.' }),
    keyId: z.string().nullable().meta({ description: 'The id of the key; null: the admin key.' }),
  })
  .meta({ id: 'Me' });

export const getMe = {
  method: 'get',
  path: '/v1/me',
  summary: 'Whose key is this, and what may it do?',
  operationId: 'getMe',
  tag: 'Keys',
  description: 'Tells the caller’s own tenant and role. Every key may ask.',
  roles: ROLES,
  answers: { 200: { description: 'The key’s tenant and role', schema: MeSchema } },
  problems: [],
} as const;

export function meRoutes(api: Api): void {
  api.route(getMe, (c) => {
    const { tenant } = c.get('tenant');
    const caller = c.get('caller');
    if (caller.kind === 'operator') return c.json({ tenant, role: 'operator' as const, keyId: null }, 200);
    return c.json({ tenant, role: caller.role, keyId: caller.keyId }, 200);
  });
}
