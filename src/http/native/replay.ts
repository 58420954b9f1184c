/** `/v1/hooks/{id}/replay`: a hook's deliveries of a part of the log once more, or what it never got. */
import * as z from 'zod';
import { MAX_PATTERNS } from '../../core/hook-bounds.ts';
import { REPLAY_STATES, REPLAY_STATUSES, type ReplayView } from '../../hook/replay.ts';
import { eventLogOf, hookOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { hooksOf } from '../auth.ts';
import { Refusal, invalid, notFound } from '../problem.ts';
import { livingHook } from './deliveries.ts';
import { HookParams, Instant, PatternText, Time, hookIdOf, patternsOf, timeOf, timeOrNull } from './field.ts';

const members = {
  status: z.enum(REPLAY_STATUSES).meta({
    description:
      'dead: what went dead; any: all that has ended; missing: events that were never queued for this hook.',
  }),
  types: z.array(PatternText).min(1).max(MAX_PATTERNS),
};

const NewReplay = z
  .strictObject({
    from: Instant.meta({ description: 'Inclusive; over the time of receipt.' }),
    to: Instant.meta({ description: 'Exclusive; up to now without it.' }).optional(),
    types: members.types.optional(),
    status: members.status.default('dead'),
  })
  .meta({ id: 'NewReplay' });

const ReplaySchema = z
  .object({
    id: z.string().meta({ description: 'In the header posthorn-replay of what it queues.' }),
    state: z.enum(REPLAY_STATES),
    status: members.status,
    types: z.array(z.string()).nullable(),
    from: Time,
    to: Time.nullable(),
    matched: z.int().meta({ description: 'Events found so far.' }),
    queued: z.int().meta({ description: 'Of these, queued; the others have lost their payload.' }),
    remaining: z.int().meta({ description: 'Of those queued, how many have not ended yet.' }),
    createdAt: Time,
    finishedAt: Time.nullable(),
  })
  .meta({ id: 'Replay' });

const onHook = { path: '/v1/hooks/{id}/replay', params: HookParams } as const;

export const startReplay = {
  ...onHook,
  method: 'post',
  summary: 'Queue deliveries of a part of the log once more',
  operationId: 'startReplay',
  tag: 'Replay',
  description:
    'Queues the matching part of the log for one hook, in order, behind what it has pending. A hook has one replay at a time.',
  roles: ['subscriber'],
  body: NewReplay,
  answers: { 202: { description: 'It has begun; a small one is done', schema: ReplaySchema } },
  problems: ['invalid', 'not-found', 'conflict'],
} as const;

export const getReplay = {
  ...onHook,
  method: 'get',
  summary: 'Get the latest replay of a hook',
  operationId: 'getReplay',
  tag: 'Replay',
  description: 'Answers with how far the latest replay of the hook has come.',
  roles: ['subscriber', 'viewer'],
  answers: { 200: { description: 'The replay as it stands', schema: ReplaySchema } },
  problems: ['not-found'],
} as const;

export const cancelReplay = {
  ...onHook,
  method: 'delete',
  summary: 'Cancel the replay of a hook; what it has queued goes out all the same',
  operationId: 'cancelReplay',
  tag: 'Replay',
  description: 'Queues nothing more of the replay.',
  roles: ['subscriber'],
  answers: { 200: { description: 'The replay; one that was done stays so', schema: ReplaySchema } },
  problems: ['not-found'],
} as const;

export function replayRoutes(api: Api): void {
  api.route(startReplay, async (c, { params, body }) => {
    const { status, from, to, types } = body;
    const fromMs = Date.parse(from);
    const toMs = to === undefined ? null : Date.parse(to);
    if (toMs !== null && toMs <= fromMs)
      throw invalid({ path: '/to', expected: 'a time after `from`', got: JSON.stringify(to) });
    const patterns = patternsOf('types', types);
    const id = hookIdOf(params.id);
    const tenant = c.get('tenant');
    const scope = hooksOf(c.get('caller'));
    const range = await eventLogOf(c.env, tenant).replayRange(id, scope, status, fromMs, toMs);
    if (range === null) throw notFound('hook');
    const order = { status, types: patterns, fromMs, toMs, ...range };
    const job = await hookOf(c.env, tenant, id).startReplay(order);
    if (job === null) throw notFound('hook');
    if (job === 'running') {
      throw new Refusal(
        'conflict',
        'A replay of this hook is running; wait until it is done, or DELETE it first.',
      );
    }
    return c.json(replayJson(job), 202);
  });

  api.route(getReplay, async (c, { params }) => {
    const job = await (await livingHook(c, params.id)).replay();
    if (job === null) throw notFound('replay of this hook');
    return c.json(replayJson(job), 200);
  });

  api.route(cancelReplay, async (c, { params }) => {
    const job = await (await livingHook(c, params.id)).cancelReplay();
    if (job === null) throw notFound('replay of this hook');
    return c.json(replayJson(job), 200);
  });
}

function replayJson(job: ReplayView): z.infer<typeof ReplaySchema> {
  return {
    id: job.id,
    state: job.state,
    status: job.status,
    types: job.types?.map(({ text }) => text) ?? null,
    from: timeOf(job.fromMs),
    to: timeOrNull(job.toMs),
    matched: job.matched,
    queued: job.queued,
    remaining: job.remaining,
    createdAt: timeOf(job.createdAtMs),
    finishedAt: timeOrNull(job.finishedAtMs),
  };
}
