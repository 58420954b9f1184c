/** `/v1/hooks/{id}/pause`, `resume` and `test`: what operators do with a hook. */
import * as z from 'zod';
import { eventLogOf, hookOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { attributionOf } from '../attribution.ts';
import { hooksOf } from '../auth.ts';
import { isPaused, paused } from '../paused.ts';
import { notFound } from '../problem.ts';
import { HookParams, hookIdOf } from './field.ts';
import { HookSchema } from './hook-schema.ts';
import { hookAnswer, foundHook } from './hook-json.ts';

const TestResultSchema = z
  .object({
    delivered: z.boolean(),
    statusCode: z.int().nullable(),
    durationMs: z.int(),
    error: z.string().nullable(),
  })
  .meta({ id: 'TestResult' });

export const pauseHook = {
  method: 'post',
  path: '/v1/hooks/{id}/pause',
  summary: 'Pause a hook: its queue grows, nothing is sent',
  operationId: 'pauseHook',
  tag: 'Hooks',
  description:
    'Stops deliveries of this hook. Events are queued for it as before, and go out in order once it is resumed.',
  roles: ['subscriber'],
  params: HookParams,
  answers: { 200: { description: 'The hook as it is now', schema: HookSchema, hasEtag: true } },
  problems: ['not-found'],
} as const;

export const resumeHook = {
  method: 'post',
  path: '/v1/hooks/{id}/resume',
  summary: 'Resume a paused hook, or re-enable a disabled one',
  operationId: 'resumeHook',
  tag: 'Hooks',
  description:
    'Starts a paused or disabled hook again. What has failed meanwhile is due now, the first of it as a probe.',
  roles: ['subscriber'],
  params: HookParams,
  answers: { 200: { description: 'The hook as it is now', schema: HookSchema, hasEtag: true } },
  problems: ['not-found'],
} as const;

export const testHook = {
  method: 'post',
  path: '/v1/hooks/{id}/test',
  summary: 'Send a posthorn.test event now',
  operationId: 'testHook',
  tag: 'Hooks',
  description:
    'Sends one posthorn.test event outside the queue, signed and shaped as any other, and answers with what the receiver said.',
  roles: ['subscriber'],
  params: HookParams,
  answers: { 200: { description: 'What came of it', schema: TestResultSchema } },
  problems: ['not-found', 'paused'],
} as const;

export function hookActionRoutes(api: Api): void {
  api.route(pauseHook, async (c, input) => {
    const view = await eventLogOf(c.env, c.get('tenant')).pauseHook(
      hookIdOf(input.params.id),
      hooksOf(c.get('caller')),
      attributionOf(c),
    );
    return hookAnswer(c, foundHook(view));
  });

  api.route(resumeHook, async (c, input) => {
    const view = await eventLogOf(c.env, c.get('tenant')).resumeHook(
      hookIdOf(input.params.id),
      hooksOf(c.get('caller')),
      attributionOf(c),
    );
    return hookAnswer(c, foundHook(view));
  });

  api.route(testHook, async (c, input) => {
    const id = hookIdOf(input.params.id);
    const tenant = c.get('tenant');
    const registration = await eventLogOf(c.env, tenant).registration(id, hooksOf(c.get('caller')));
    if (registration === null) throw notFound('hook');
    if (await isPaused(c.env, 'delivery')) throw paused('delivery');
    return c.json(await hookOf(c.env, tenant, id).test(), 200);
  });
}
