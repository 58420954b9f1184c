/** `/v1/events`: the tenant's log, and own events into it. Envelopes are passed on as text: no number is re-written. */
import * as z from 'zod';
import { carriedContentType } from '../../core/header.ts';
import { DELIVERY_STATUSES, REASONS } from '../../core/delivery.ts';
import { DELIVERY_WAIT_REASONS } from '../../core/health.ts';
import type { Explanation, HookDelivery } from '../../event-log/history.ts';
import type { PublishedBatch } from '../../event-log/own-events.ts';
import type { Published as PublishedOne } from '../../event-log/taking.ts';
import { logLine } from '../../log.ts';
import { BATCH, MODES, STRUCTURED, readOffer } from '../../providers/cloudevents/modes.ts';
import { eventLogOf } from '../../registry/address.ts';
import { attributionOf } from '../attribution.ts';
import { cappedBody } from '../body.ts';
import { hopsOf, loopProblem } from '../hops.ts';
import { idempotencyOf, type Api } from '../api.ts';
import { isPaused, paused } from '../paused.ts';
import { ListQuery, PageQuery, listOf, pageOf } from '../paging.ts';
import { Refusal, invalid, notFound, madeOnce } from '../problem.ts';
import { AttemptSchema } from './deliveries.ts';
import { Instant, PatternText, Time, hookIdOf, patternOf, timeOrNull } from './field.ts';

const MAX_CONTAINS_CHARACTERS = 1_000;

/** Own events are answered as they were posted: what CloudEvents lets be null may be null. */
const attributes = {
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  subject: z.string().nullish(),
  time: z
    .string()
    .meta({ format: 'date-time', description: 'When it happened, as its producer wrote it: RFC 3339.' })
    .nullish(),
  datacontenttype: z.string().nullish(),
  dataschema: z.string().nullish(),
  data: z.unknown().optional(),
  data_base64: z.string().nullish(),
};

export const EnvelopeSchema = z
  .looseObject({
    ...attributes,
    sequence: z.string().meta({ description: 'Place in the tenant’s log: 20 digits.' }),
    recordedtime: Time.meta({ description: 'When the relay received it.' }),
    posthornid: z.string(),
  })
  .meta({ id: 'Envelope', description: 'A CloudEvents 1.0 envelope.' });

const NewEnvelope = z
  .looseObject({
    ...attributes,
    type: z.string().meta({ description: 'Any but posthorn.*', example: 'com.example.order.paid' }),
  })
  .meta({ id: 'NewEnvelope' });

const HookDeliverySchema = z.object({
  hookId: z.int(),
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.int(),
  reason: z.enum(REASONS).nullable(),
  nextAttemptAt: Time.nullish().meta({
    description: 'With ?hook= alone. null: ended, held, under way, or it waits for another one.',
  }),
  waiting: z
    .object({ reason: z.enum(DELIVERY_WAIT_REASONS), until: Time.nullable() })
    .nullish()
    .meta({ description: 'With ?hook= alone: why it does not go out now, and until when at the least.' }),
  attemptLog: z.array(AttemptSchema).optional().meta({ description: 'With ?hook= alone.' }),
  clause: z.string().optional().meta({
    description:
      'With ?hook= alone: of what a filter skipped, where in the hook the clause stands that failed.',
    example: '/filters/0/match/data/raw/total/$gte',
  }),
});

const EventSchema = z
  .object({
    event: EnvelopeSchema,
    deliveries: z.array(HookDeliverySchema).meta({ description: 'One for each hook that wanted it.' }),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'Event' });

const PatternQuery = PatternText.meta({
  description: 'A pattern over the type.',
  example: 'superoffice.contact.*',
});

const EventParams = z.object({ id: z.string().meta({ description: 'The id of the event.' }) });

export const listEvents = {
  method: 'get',
  path: '/v1/events',
  summary: 'List events',
  operationId: 'listEvents',
  tag: 'Events',
  description:
    'Lists the envelopes of the log. All filters must hold. A page ends early at 4 MiB; its cursor goes on.',
  roles: ['viewer'],
  query: ListQuery.extend({
    type: PatternQuery.optional(),
    subject: z.string().optional().meta({ description: 'The envelope’s subject.' }),
    source: z.string().optional().meta({ description: 'The envelope’s source.' }),
    sourceId: z.string().optional().meta({ description: 'The id of the source that it came through.' }),
    from: Instant.optional().meta({ description: 'Inclusive.' }),
    to: Instant.optional().meta({ description: 'Exclusive.' }),
    contains: z
      .string()
      .min(1)
      .max(MAX_CONTAINS_CHARACTERS)
      .optional()
      .meta({ description: 'A text that the body holds as it came: case counts, and escapes of JSON.' }),
  }),
  answers: {
    200: { description: 'A page of envelopes; it ends early at 4 MiB', schema: pageOf(EnvelopeSchema) },
  },
  problems: ['invalid'],
} as const;

const Published = z.object({ id: z.string(), duplicate: z.boolean() });

export const publishEvent = {
  method: 'post',
  path: '/v1/events',
  summary: 'Publish events of your own',
  operationId: 'publishEvent',
  tag: 'Events',
  description:
    'Stores events of your own and fans them out like those of a provider: one, or a batch of which all are stored or none. The same source and id again is a duplicate: it is answered the same and delivered once.',
  isIdempotent: true,
  roles: ['publisher'],
  rawBody: {
    schema: z.union([NewEnvelope, z.array(NewEnvelope)]).meta({
      description:
        'One envelope, or as a batch up to 1,000. In binary mode the attributes are ce- headers, and the body is the data, of any content type.',
    }),
    mediaTypes: [STRUCTURED, 'application/json', BATCH],
  },
  answers: {
    202: {
      description: 'It is stored and will be delivered; of a batch each of them, in its order',
      schema: z.union([Published, z.object({ events: z.array(Published) })]),
    },
  },
  problems: ['invalid', 'too-large', 'unsupported-media-type', 'paused'],
} as const;

export const getEvent = {
  method: 'get',
  path: '/v1/events/{id}',
  summary: 'Get an event and what became of it',
  operationId: 'getEvent',
  tag: 'Events',
  description:
    'Answers with an event and with its delivery to each hook; with `?hook=` it says why that hook did or did not get it.',
  roles: ['viewer'],
  params: EventParams,
  query: PageQuery.extend({
    hook: z.string().optional().meta({ description: 'Explains this hook alone, also why it was skipped.' }),
  }),
  answers: { 200: { description: 'The event', schema: EventSchema } },
  problems: ['invalid', 'not-found'],
} as const;

export const expungeEvent = {
  method: 'delete',
  path: '/v1/events/{id}',
  summary: 'Delete the payload of an event everywhere; its skeleton stays',
  operationId: 'expungeEvent',
  tag: 'Events',
  description:
    'Removes the body and the data of an event from the log and from every hook. Its id, type and times stay, and it still deduplicates.',
  params: EventParams,
  answers: { 204: { description: 'The payload is gone from the log and from every hook.' } },
  problems: ['not-found'],
} as const;

export const getRaw = {
  method: 'get',
  path: '/v1/events/{id}/raw',
  summary: 'Get the body as the provider sent it, byte for byte',
  operationId: 'getEventBody',
  tag: 'Events',
  description: 'Answers with the bytes that were signed, under their own content type.',
  roles: ['viewer'],
  params: EventParams,
  answers: {
    200: { description: 'The body, with its own content type', schema: z.string(), mediaType: '*/*' },
  },
  problems: ['not-found'],
} as const;

export function eventRoutes(api: Api): void {
  api.route(listEvents, async (c, input) => {
    const { limit, cursor, ...filters } = input.query;
    const { order, type, subject, source, sourceId, from, to, contains } = filters;
    const list = listOf(c, filters);
    const filter = {
      type: type === undefined ? null : patternOf(type),
      subject: subject ?? null,
      source: source ?? null,
      sourceId: sourceId ?? null,
      fromMs: from === undefined ? null : Date.parse(from),
      toMs: to === undefined ? null : Date.parse(to),
      contains: contains === undefined ? null : new TextEncoder().encode(contains),
    };
    const query = { order, after: list.placeOf(cursor), limit };
    const page = await eventLogOf(c.env, c.get('tenant')).listEvents(filter, query);
    const data = page.envelopes.map(textOfBytes).join(',');
    return jsonText(`{"data":[${data}],"nextCursor":${JSON.stringify(list.cursorOf(page.nextSeq))}}`);
  });

  api.route(publishEvent, async (c) => {
    if (await isPaused(c.env, 'ingest')) throw paused('ingest');
    const hops = hopsOf(c.req.raw.headers);
    const loop = loopProblem(hops);
    if (loop !== null) throw loop;
    const { maxBodyBytes } = c.get('settings');
    const body = await cappedBody(c.req.raw, maxBodyBytes);
    if (body === null) throw new Refusal('too-large', `The body is larger than ${maxBodyBytes} bytes.`);
    const headers = new Map(c.req.raw.headers);
    const contentType = carriedContentType(headers.get('content-type') ?? null, null);
    if (contentType !== null) headers.set('content-type', contentType);
    const offer = readOffer(headers, body);
    switch (offer.kind) {
      case 'unsupported':
        throw new Refusal('unsupported-media-type', `Events come as ${MODES}.`);
      case 'too-many':
        throw new Refusal('too-large', `The body holds more than ${offer.limit} events.`);
      case 'invalid':
        throw invalid(...offer.problems);
      case 'envelopes':
    }
    const items = offer.items.map((item) => ({ ...item, event: { ...item.event, hops } }));
    const log = eventLogOf(c.env, c.get('tenant'));
    const [only] = items;
    const idempotency = idempotencyOf(c, body);
    const published =
      offer.isBatch || only === undefined
        ? await log.publishAll(items, idempotency)
        : await log.publish(only.event, only.body, only.contentType, idempotency);
    if (published.kind === 'too-large') throw new Refusal('too-large', `The body holds ${published.what}.`);
    const made = madeOnce<PublishedBatch | PublishedOne>(published);
    const told = 'events' in made ? { events: made.events.length } : { event: made.id };
    logLine('info', 'published', { tenant: c.get('tenant').tenant, ...told });
    return c.json(made, 202);
  });

  api.route(getEvent, async (c, input) => {
    const { hook, limit, cursor } = input.query;
    const { id } = input.params;
    const list = listOf(c, { hook });
    const after = list.placeOf(cursor) ?? 0;
    const log = eventLogOf(c.env, c.get('tenant'));
    const view =
      hook === undefined ? await log.getEvent(id, after, limit) : await log.explainEvent(id, hookIdOf(hook));
    if (view === 'unknown-hook') throw notFound('hook');
    if (view === null || view === 'unknown-event') throw notFound('event');
    const deliveries = view.deliveries.map(deliveryJson);
    const rest = JSON.stringify({ deliveries, nextCursor: list.cursorOf(view.nextHook) }).slice(1);
    return jsonText(`{"event":${textOfBytes(view.envelope)},${rest}`);
  });

  api.route(expungeEvent, async (c, input) => {
    const result = await eventLogOf(c.env, c.get('tenant')).expunge(input.params.id, attributionOf(c));
    if (result === 'unknown-event') throw notFound('event');
    if (result === 'under-way') {
      throw new Refusal(
        'unavailable',
        'A hook could not be told yet. This goes on by itself; the same call says when it is done.',
      );
    }
    return c.body(null, 204);
  });

  api.route(getRaw, async (c, input) => {
    const raw = await eventLogOf(c.env, c.get('tenant')).rawEvent(input.params.id);
    if (raw === null) throw notFound('event');
    if (raw === 'expunged') throw new Refusal('not-found', 'The payload of this event has been deleted.');
    return new Response(raw.body as Uint8Array<ArrayBuffer>, {
      headers: {
        'content-type': carriedContentType(raw.contentType, 'application/octet-stream'),
        // A provider's body is never to be run by a browser that happens to open it.
        'content-security-policy': 'sandbox',
        'x-content-type-options': 'nosniff',
      },
    });
  });
}

/** Of a hook that is explained there is more to say. */
function deliveryJson(delivery: HookDelivery | Explanation): z.infer<typeof HookDeliverySchema> {
  const { hookId, status, attempts, reason } = delivery;
  const outline = { hookId, status, attempts, reason };
  if (!('waiting' in delivery)) return outline;
  const { nextAttemptAtMs, waiting, attemptLog, clause } = delivery;
  return {
    ...outline,
    nextAttemptAt: timeOrNull(nextAttemptAtMs),
    waiting: waiting && { reason: waiting.reason, until: timeOrNull(waiting.untilMs) },
    attemptLog: attemptLog.map((attempt) => ({ ...attempt })),
    ...(clause === null ? {} : { clause }),
  };
}

function textOfBytes(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** JSON that is already text. */
function jsonText(text: string): Response {
  return new Response(text, { headers: { 'content-type': 'application/json' } });
}
