/** `/v1/hooks/{id}/retry` and `/cancel`: many deliveries of a hook at once. */
import * as z from 'zod';
import { MAX_PATTERNS } from '../../core/hook-bounds.ts';
import { BULK_STATUSES } from '../../hook/in-bulk.ts';
import type { Api } from '../api.ts';
import { notFound } from '../problem.ts';
import { byHandRefusal, livingHook } from './deliveries.ts';
import { HookParams, PatternText, patternsOf } from './field.ts';

const members = {
  types: z.array(PatternText).min(1).max(MAX_PATTERNS).optional().meta({
    description: 'Patterns over types; without them every type.',
  }),
  subject: z.string().optional().meta({ description: 'Only deliveries about this subject.' }),
};

const BulkRetrySchema = z
  .strictObject({
    ...members,
    status: z
      .enum(BULK_STATUSES)
      .default('pending')
      .meta({ description: 'What has ended joins the tail of the queue, with a fresh schedule.' }),
  })
  .meta({ id: 'BulkRetry' });

const BulkCancelSchema = z
  .strictObject({
    ...members,
    before: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'RFC 3339; only deliveries created before this time.' }),
  })
  .meta({ id: 'BulkCancel' });

const onHook = {
  method: 'post',
  tag: 'Deliveries',
  roles: ['subscriber'],
  params: HookParams,
  isBodyOptional: true,
} as const;

export const retryMany = {
  ...onHook,
  path: '/v1/hooks/{id}/retry',
  summary: 'Send many deliveries of a hook again now',
  operationId: 'retryDeliveries',
  description:
    'Makes the pending deliveries that match due now, in order; with a status, queues those that ended so once more. Repeat a call that broke off: it does the rest.',
  body: BulkRetrySchema,
  answers: {
    202: {
      description: 'They go out as soon as attempts may start, in order',
      schema: z.object({ queued: z.int().meta({ description: 'Deliveries that are due now.' }) }),
    },
  },
  problems: ['invalid', 'not-found', 'conflict'],
} as const;

export const cancelMany = {
  ...onHook,
  path: '/v1/hooks/{id}/cancel',
  summary: 'Cancel many pending deliveries of a hook',
  operationId: 'cancelDeliveries',
  description:
    'Ends the pending deliveries that match, also while the hook is paused or disabled. Repeat a call that broke off: it does the rest.',
  body: BulkCancelSchema,
  answers: {
    200: {
      description: 'They have ended; an attempt that is under way goes on',
      schema: z.object({ cancelled: z.int() }),
    },
  },
  problems: ['invalid', 'not-found'],
} as const;

export function bulkRoutes(api: Api): void {
  api.route(retryMany, async (c, { params, body }) => {
    const { types, subject = null, status } = body;
    const selection = { types: patternsOf('types', types), subject, beforeMs: null };
    const hook = await livingHook(c, params.id);
    const result = await hook.retryAll(selection, status);
    if (result === 'unknown') throw notFound('hook');
    if (typeof result === 'string') throw byHandRefusal(result);
    return c.json({ queued: result.queued }, 202);
  });

  api.route(cancelMany, async (c, { params, body }) => {
    const { types, subject = null, before } = body;
    const beforeMs = before === undefined ? null : Date.parse(before);
    const selection = { types: patternsOf('types', types), subject, beforeMs };
    const hook = await livingHook(c, params.id);
    return c.json({ cancelled: await hook.cancelAll(selection) }, 200);
  });
}
