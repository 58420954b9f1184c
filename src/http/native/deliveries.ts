/** `/v1/hooks/{id}/deliveries`: what became of each event for a hook. */
import type { Context } from 'hono';
import * as z from 'zod';
import { DELIVERY_STATUSES, REASONS } from '../../core/delivery.ts';
import { seqOfEventId } from '../../core/event-id.ts';
import { ATTEMPT_ERRORS } from '../../core/outcome.ts';
import type { CancelResult, RetryResult } from '../../hook/by-hand.ts';
import type { DeliveryOutline } from '../../hook/waiting.ts';
import { eventLogOf, hookOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { hooksOf } from '../auth.ts';
import type { AppEnv } from '../context.ts';
import { PageQuery, listOf, pageOf } from '../paging.ts';
import { Refusal, notFound } from '../problem.ts';
import { HookParams, Time, hookIdOf, timeOf, timeOrNull } from './field.ts';

const delivery = {
  eventId: z.string(),
  type: z.string(),
  subject: z.string().nullable(),
  sequence: z.int().nullable().meta({ description: 'posthorn-sequence; null when it was never queued.' }),
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.int(),
  nextAttemptAt: Time.nullable().meta({
    description: 'null: ended, held, or behind another of its subject.',
  }),
  createdAt: Time,
  finishedAt: Time.nullable(),
  reason: z.enum(REASONS).nullable(),
};

export const DeliverySchema = z.object(delivery).meta({ id: 'Delivery' });

const ShownHeaders = z.record(z.string(), z.string()).nullable().meta({
  description: 'Write-only values are shown as ***, long ones are cut, and there are 1.5 KiB at most.',
});

export const AttemptSchema = z
  .object({
    number: z.int(),
    at: Time,
    durationMs: z.int(),
    outcome: z.enum(['delivered', 'failed', 'gone', 'gave-up']),
    statusCode: z.int().nullable(),
    error: z.enum(ATTEMPT_ERRORS).nullable(),
    detail: z
      .string()
      .nullable()
      .meta({ description: 'In words, why nothing was sent; null: `error` says it all.' }),
    requestHeaders: ShownHeaders,
    responseHeaders: ShownHeaders,
    responseExcerpt: z
      .string()
      .nullable()
      .meta({ description: 'At most 1 KiB; ends in … where it was cut. Of a 2xx only with `keepAnswers`.' }),
  })
  .meta({ id: 'Attempt' });

const DeliveryWithLog = z
  .object({
    ...delivery,
    attemptLog: z.array(AttemptSchema).meta({ description: 'Oldest first; the last 25.' }),
  })
  .meta({ id: 'DeliveryWithLog' });

const DeliveryParams = HookParams.extend({
  eventId: z.string().meta({ description: 'The id of the event.' }),
});

export const listDeliveries = {
  method: 'get',
  path: '/v1/hooks/{id}/deliveries',
  summary: 'List deliveries, newest first',
  operationId: 'listDeliveries',
  tag: 'Deliveries',
  description:
    'Lists what became of each event for this hook. A cursor belongs to the list and the filters that gave it.',
  roles: ['subscriber', 'viewer'],
  params: HookParams,
  query: PageQuery.extend({ status: z.enum(DELIVERY_STATUSES).optional() }),
  answers: { 200: { description: 'A page of deliveries', schema: pageOf(DeliverySchema) } },
  problems: ['invalid', 'not-found'],
} as const;

export const getDelivery = {
  method: 'get',
  path: '/v1/hooks/{id}/deliveries/{eventId}',
  summary: 'Get a delivery with its attempts',
  operationId: 'getDelivery',
  tag: 'Deliveries',
  description:
    'Answers with a delivery and the log of its attempts: when, how long, with which status, and what the receiver answered.',
  roles: ['subscriber', 'viewer'],
  params: DeliveryParams,
  answers: { 200: { description: 'The delivery', schema: DeliveryWithLog } },
  problems: ['not-found'],
} as const;

const byHand = {
  roles: ['subscriber'],
  params: DeliveryParams,
  problems: ['not-found', 'conflict'],
} as const;

export const retryDelivery = {
  method: 'post',
  path: '/v1/hooks/{id}/deliveries/{eventId}/retry',
  summary: 'Send a delivery again now',
  operationId: 'retryDelivery',
  tag: 'Deliveries',
  description:
    'Makes a delivery due now, also one that is dead, cancelled or delivered already. It goes out under the id of the event.',
  ...byHand,
  answers: { 202: { description: 'It goes out as soon as an attempt may start.' } },
} as const;

export const cancelDelivery = {
  method: 'post',
  path: '/v1/hooks/{id}/deliveries/{eventId}/cancel',
  summary: 'Cancel a pending delivery; what waits behind it goes on',
  operationId: 'cancelDelivery',
  tag: 'Deliveries',
  description:
    'Ends a pending delivery without an attempt. The next event of its subject goes out in its place.',
  ...byHand,
  answers: { 200: { description: 'The delivery as it is now', schema: DeliveryWithLog } },
} as const;

export function deliveryRoutes(api: Api): void {
  api.route(listDeliveries, async (c, input) => {
    const { limit, cursor, status } = input.query;
    const hook = await livingHook(c, input.params.id);
    const list = listOf(c, { status });
    const { views, next } = await hook.deliveries(status ?? null, list.placeOf(cursor), limit);
    return c.json(
      list.pageUpTo<DeliveryOutline, DeliveryJson>(views, next, ({ seq }) => seq, deliveryJson),
      200,
    );
  });

  api.route(getDelivery, async (c, input) => {
    const { id, eventId } = input.params;
    const hook = await livingHook(c, id);
    const seq = seqOfEventId(eventId);
    const view = seq === null ? null : await hook.delivery(seq);
    if (view?.eventId !== eventId) throw notFound('delivery of this hook');
    return c.json(
      { ...deliveryJson(view), attemptLog: view.attemptLog.map((attempt) => ({ ...attempt })) },
      200,
    );
  });

  api.route(retryDelivery, async (c, input) => {
    const { id, eventId } = input.params;
    const log = eventLogOf(c.env, c.get('tenant'));
    const result = await log.retryDelivery(hookIdOf(id), hooksOf(c.get('caller')), eventId);
    if (result === null) throw notFound('hook');
    if (result === 'unknown-event') throw notFound('delivery of this hook');
    if (result !== 'retried') throw byHandRefusal(result);
    return c.body(null, 202);
  });

  api.route(cancelDelivery, async (c, input) => {
    const { id, eventId } = input.params;
    const hook = await livingHook(c, id);
    const seq = seqOfEventId(eventId);
    const before = seq === null ? null : await hook.delivery(seq);
    if (seq === null || before?.eventId !== eventId) throw notFound('delivery of this hook');
    const result = await hook.cancel(seq);
    if (result !== 'cancelled') throw byHandRefusal(result);
    const view = await hook.delivery(seq);
    if (view === null) throw notFound('delivery of this hook');
    return c.json(
      { ...deliveryJson(view), attemptLog: view.attemptLog.map((attempt) => ({ ...attempt })) },
      200,
    );
  });
}

/** What to do instead. */
export function byHandRefusal(result: Exclude<RetryResult | CancelResult, 'retried' | 'cancelled'>): Refusal {
  switch (result) {
    case 'unknown':
      return notFound('delivery of this hook');
    case 'expunged':
      return new Refusal('conflict', 'The payload of the event has been deleted: there is nothing to send.');
    case 'in-flight':
      return new Refusal('conflict', 'An attempt is under way; look again when it has ended.');
    case 'paused':
      return new Refusal('conflict', 'The hook is paused; resume it first.');
    case 'disabled':
      return new Refusal('conflict', 'The hook is disabled; resume it first.');
    case 'queue-full':
      return new Refusal('conflict', 'The queue of the hook is full; retry when some of it has ended.');
    case 'ended':
      return new Refusal('conflict', 'It has ended: there is nothing to cancel.');
  }
}

/** The object of a hook that the caller sees. */
export async function livingHook(c: Context<AppEnv>, idText: string) {
  const id = hookIdOf(idText);
  const tenant = c.get('tenant');
  const registration = await eventLogOf(c.env, tenant).registration(id, hooksOf(c.get('caller')));
  if (registration === null) throw notFound('hook');
  return hookOf(c.env, tenant, id);
}

type DeliveryJson = z.infer<typeof DeliverySchema>;

export function deliveryJson(view: DeliveryOutline): DeliveryJson {
  return {
    eventId: view.eventId,
    type: view.type,
    subject: view.subject,
    sequence: view.sequence,
    status: view.status,
    attempts: view.attempts,
    nextAttemptAt: timeOrNull(view.nextAttemptAtMs),
    createdAt: timeOf(view.createdAtMs),
    finishedAt: timeOrNull(view.finishedAtMs),
    reason: view.reason,
  };
}
