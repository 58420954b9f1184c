/** `/v1/sources/{id}/confirm`: has called what a provider wants called before it sends events, when somebody says so. */
import * as z from 'zod';
import { confirmOf } from '../../providers/providers.ts';
import { eventLogOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { attributionOf } from '../attribution.ts';
import { notFound, Refusal } from '../problem.ts';
import { callProvider } from '../provider-call.ts';

export const confirmSource = {
  method: 'post',
  path: '/v1/sources/{id}/confirm',
  summary: 'Confirm a subscription that the provider asks about',
  operationId: 'confirmSource',
  tag: 'Sources',
  description:
    'Calls the URL that the provider’s last verified request for one named. Nothing else calls it. 409: there was none.',
  params: z.object({ id: z.string().meta({ description: 'The id of the source.' }) }),
  answers: {
    200: {
      description: 'What the provider answered; not confirmed, it may be tried again',
      schema: z
        .object({
          confirmed: z.boolean(),
          statusCode: z.int().nullable().meta({ description: 'null: no answer within 5 s.' }),
        })
        .meta({ id: 'Confirmed' }),
    },
  },
  problems: ['not-found', 'conflict'],
} as const;

export function confirmRoutes(api: Api): void {
  api.route(confirmSource, async (c, input) => {
    const { id } = input.params;
    const log = eventLogOf(c.env, c.get('tenant'));
    const source = await log.getSource(id);
    if (source === null) throw notFound('source');
    const url = source.confirmation?.url;
    // It is held against the rule of today: what lies in storage may be older.
    if (url === undefined || confirmOf(source.provider)?.allowed.test(url) !== true)
      throw new Refusal('conflict', 'The provider has not asked for a confirmation.');
    const answer = await callProvider(url, c.get('settings'), new URL(c.req.url).host);
    const statusCode = answer?.status ?? null;
    const confirmed = statusCode !== null && statusCode >= 200 && statusCode < 300;
    if (confirmed) await log.confirmedSource(id, url, attributionOf(c));
    return c.json({ confirmed, statusCode }, 200);
  });
}
