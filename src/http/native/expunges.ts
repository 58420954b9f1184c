/** `/v1/expunges`: deletes the payload of all events of a subject, a source or a type. */
import * as z from 'zod';
import { EXPUNGE_STATES } from '../../event-log/expunge-jobs.ts';
import { eventLogOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { attributionOf } from '../attribution.ts';
import { invalid, notFound, Refusal } from '../problem.ts';
import { Instant, PatternText } from './field.ts';

const NewExpunge = z
  .strictObject({
    subject: z.string().optional().meta({ description: 'The envelope’s subject, whole.' }),
    source: z.string().optional().meta({ description: 'The envelope’s source, whole.' }),
    type: PatternText.optional().meta({ description: 'A pattern over the type.' }),
    from: Instant.optional().meta({ description: 'Inclusive; over the time of receipt.' }),
    to: Instant.optional().meta({ description: 'Exclusive; up to now without it.' }),
  })
  .meta({
    id: 'NewExpunge',
    description: 'At least one of subject, source and type; all that are given must hold.',
  });

const ExpungeSchema = z
  .object({
    id: z.string(),
    state: z.enum(EXPUNGE_STATES).meta({
      description: 'running: there is more to find, or a hook could not be told yet and is told again.',
    }),
    matched: z.int().meta({ description: 'Events found so far that had a payload.' }),
    expunged: z
      .int()
      .meta({ description: 'Of these, those whose payload is gone from the log and every hook.' }),
  })
  .meta({ id: 'Expunge' });

export const createExpunge = {
  method: 'post',
  path: '/v1/expunges',
  summary: 'Delete the payload of all events of a subject, source or type',
  operationId: 'createExpunge',
  tag: 'Events',
  description:
    'Deletes payloads in the log and in every hook, in steps, of all that matches and is in the log now. What stays of each event is its skeleton, as after `DELETE /v1/events/{id}`.',
  body: NewExpunge,
  answers: { 202: { description: 'It has begun', schema: ExpungeSchema } },
  problems: ['invalid', 'conflict', 'too-large', 'unsupported-media-type'],
} as const;

export const getExpunge = {
  method: 'get',
  path: '/v1/expunges/{id}',
  summary: 'Get how far a deletion of payloads has come',
  operationId: 'getExpunge',
  tag: 'Events',
  description: 'Answers for at least 30 days after the deletion began.',
  roles: ['viewer'],
  params: z.object({ id: z.string().meta({ description: 'As `POST /v1/expunges` answered it.' }) }),
  answers: { 200: { description: 'The deletion as it stands', schema: ExpungeSchema } },
  problems: ['not-found'],
} as const;

export function expungeRoutes(api: Api): void {
  api.route(createExpunge, async (c, input) => {
    const { subject = null, source = null, type = null, from, to } = input.body;
    if (subject === null && source === null && type === null) {
      throw invalid({ path: '', expected: 'at least one of subject, source and type', got: 'none of them' });
    }
    const filter = { subject, source, type, fromMs: msOf(from), toMs: msOf(to) };
    const job = await eventLogOf(c.env, c.get('tenant')).beginExpunge(filter, attributionOf(c));
    if (job === 'full') throw new Refusal('conflict', 'Ten deletions are under way; wait for one to end.');
    return c.json(job, 202);
  });

  api.route(getExpunge, async (c, input) => {
    const job = await eventLogOf(c.env, c.get('tenant')).expungeJob(input.params.id);
    if (job === null) throw notFound('deletion');
    return c.json(job, 200);
  });
}

function msOf(time: string | undefined): number | null {
  return time === undefined ? null : Date.parse(time);
}
