/** `/v1/sources/{id}/refusals`: what a source has refused lately, for whoever sets up its sender. */
import * as z from 'zod';
import { eventLogOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { PageQuery } from '../paging.ts';
import { notFound } from '../problem.ts';
import { Time, timeOf } from './field.ts';

const RefusedSchema = z
  .object({
    at: Time,
    status: z.int().meta({ description: 'What it was answered.' }),
    reason: z.enum(['signature', 'malformed', 'tooLarge']),
    headers: z.record(z.string(), z.string()).meta({
      description:
        'Names in lower case. Credentials are ***; signatures are not, as they give no secret away.',
    }),
    bodyExcerpt: z.string().meta({
      description:
        'Up to 2 KiB of the body, secrets masked; empty where it may hold one that cannot be told.',
    }),
    bodyBytes: z.int().meta({ description: 'Of the whole body, or as many as were announced.' }),
  })
  .meta({ id: 'RefusedRequest' });

export const listRefusals = {
  method: 'get',
  path: '/v1/sources/{id}/refusals',
  summary: 'List the requests that a source has refused lately',
  operationId: 'listRefusals',
  tag: 'Sources',
  description:
    'The last 20 requests that were refused at the inbound URL, newest first. Kept in memory: after a restart there may be none, and of many in a second some are left out.',
  roles: ['viewer'],
  params: z.object({ id: z.string() }),
  query: PageQuery.pick({ limit: true }),
  answers: {
    200: { description: 'Newest first', schema: z.object({ data: z.array(RefusedSchema) }) },
  },
  problems: ['invalid', 'not-found'],
} as const;

export function refusalRoutes(api: Api): void {
  api.route(listRefusals, async (c, input) => {
    const log = eventLogOf(c.env, c.get('tenant'));
    const refusals = await log.refusals(input.params.id, input.query.limit);
    if (refusals === null) throw notFound('source');
    return c.json({ data: refusals.map(({ atMs, ...refusal }) => ({ at: timeOf(atMs), ...refusal })) }, 200);
  });
}
