/** `/v1/secrets`: how secrets lie in storage. The operator's alone. */
import * as z from 'zod';
import { KEY_RING_RULE } from '../../core/sealing.ts';
import { tenantsOf } from '../../registry/address.ts';
import { keyRingOf } from '../../settings.ts';
import type { Api } from '../api.ts';
import { Refusal } from '../problem.ts';

const ReencryptionSchema = z
  .object({
    state: z.enum(['running', 'done']).meta({ description: 'done: all is under the first key.' }),
    remaining: z.int().meta({ description: 'Rows that are still to be looked at, as far as it is known.' }),
    unreadable: z.int().meta({
      description: 'Rows with a secret that does not decrypt, because it was moved or changed. They stay.',
    }),
  })
  .meta({ id: 'Reencryption' });

export const reencryptSecrets = {
  method: 'post',
  path: '/v1/secrets/reencrypt',
  summary: 'Bring all secrets in storage under the first key of POSTHORN_SECRETS_KEY, or go on with it',
  operationId: 'reencryptSecrets',
  tag: 'Operations',
  description:
    'Encrypts anew, for all tenants, what is encrypted under another key or under none. Each call does a part, and the relay goes on between the calls; repeat it until the state is done.',
  isForOperator: true,
  answers: {
    202: { description: 'How far it is; repeat the call until it is done', schema: ReencryptionSchema },
  },
  problems: [],
} as const;

export function secretRoutes(api: Api): void {
  api.route(reencryptSecrets, async (c) => {
    if ((keyRingOf(c.env)?.length ?? 0) === 0) {
      throw new Refusal('not-configured', `POSTHORN_SECRETS_KEY: expected ${KEY_RING_RULE}`);
    }
    return c.json(await tenantsOf(c.env).reencrypt(), 202);
  });
}
