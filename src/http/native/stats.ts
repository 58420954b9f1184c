/** `/v1/stats`: the tenant in numbers. */
import * as z from 'zod';
import { eventLogOf } from '../../registry/address.ts';
import { keyRingOf } from '../../settings.ts';
import type { Api } from '../api.ts';
import { Time, timeOrNull } from './field.ts';

const StatsSchema = z
  .object({
    accepted: z.int(),
    duplicates: z.int(),
    pending: z.int(),
    delivered: z.int(),
    dead: z.int(),
    oldestPendingSeconds: z.int().nullable(),
    oldestEventAt: Time.nullable(),
    hooks: z.object({
      active: z.int(),
      paused: z.int(),
      disabled: z.int(),
      failing: z.int().meta({ description: 'Of the active ones, those of which nothing arrives.' }),
    }),
    secretsEncrypted: z.boolean().meta({
      description: 'POSTHORN_SECRETS_KEY is set: secrets are encrypted.',
    }),
  })
  .meta({ id: 'Stats' });

export const getStats = {
  method: 'get',
  path: '/v1/stats',
  summary: 'Numbers of the tenant, at most a minute old',
  operationId: 'getStats',
  tag: 'Operations',
  description: 'Counts the events, sources and hooks of the tenant and what its hooks have pending.',
  roles: ['viewer'],
  answers: { 200: { description: 'The numbers', schema: StatsSchema } },
  problems: [],
} as const;

export function statsRoutes(api: Api): void {
  api.route(getStats, async (c) => {
    const { oldestPendingAtMs, oldestEventAtMs, ...stats } = await eventLogOf(c.env, c.get('tenant')).stats();
    const oldestPendingSeconds =
      oldestPendingAtMs === null ? null : Math.max(0, Math.floor((Date.now() - oldestPendingAtMs) / 1000));
    const secretsEncrypted = (keyRingOf(c.env)?.length ?? 0) > 0;
    return c.json(
      { ...stats, oldestPendingSeconds, oldestEventAt: timeOrNull(oldestEventAtMs), secretsEncrypted },
      200,
    );
  });
}
