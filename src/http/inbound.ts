/**
 * The inbound route: where providers post. Reads bytes, lets the tenant's event log decide in one call, and answers
 * by the table of contract §4, whose first row that matches counts.
 */
import { Hono, type Context } from 'hono';
import * as z from 'zod';
import type { AcceptResult, Arrival, GreetResult } from '../event-log/intake.ts';
import type { Rejection } from '../event-log/source-stats.ts';
import type { Answers, Reply } from '../providers/provider.ts';
import { carriedContentType } from '../core/header.ts';
import { headersFor } from '../providers/providers.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { eventLogOf, isTenantGone } from '../registry/address.ts';
import { movedToken, routeOfToken } from '../routing/routes.ts';
import type { AnyRoute } from './api.ts';
import { cappedBody } from './body.ts';
import { DECODED_CODINGS, decodedBody, type Decoding } from './content-coding.ts';
import type { AppEnv } from './context.ts';
import { hopsOf, loopProblem } from './hops.ts';
import { factsOf, note } from './inbound-line.ts';
import { isPaused, paused } from './paused.ts';
import { refusalIn, refusalReport } from './refusal-report.ts';
import { senderKey } from './sender-key.ts';
import { ProblemSchema, Refusal, invalid, notFound, problemResponse } from './problem.ts';

const Stored = z.object({ id: z.string(), duplicate: z.boolean() });
const Accepted = Stored.extend({ status: z.literal('accepted') });
const AcceptedBatch = z.object({ status: z.literal('accepted'), events: z.array(Stored) });
const Handshake = z.record(z.string(), z.union([z.string(), z.number()]));
const Test = z.object({ status: z.literal('test') });

const BY_RECIPE = {
  '2XX': { description: 'The same, where the provider’s recipe says so', isOfAnyType: true },
  '4XX': {
    description: 'As 401, where the provider’s recipe says so',
    schema: ProblemSchema,
    mediaType: 'application/problem+json',
  },
} as const;

const params = z.object({
  token: z.string().meta({ description: 'The last part of the source’s inboundUrl: a credential.' }),
});
const postEvent = {
  method: 'post',
  path: '/in/{token}',
  summary: 'What a provider posts to: the token is its credential',
  operationId: 'receive',
  tag: 'Inbound',
  description:
    'Verifies, normalises and stores what the provider sent, then answers as that provider expects. A body that was stored before is answered the same and stored once.',
  params,
  rawBody: { schema: z.unknown(), mediaTypes: ['*/*'] },
  answers: {
    200: {
      description:
        'Stored, stored before, or a test of the provider; a batch with what became of each of its events. Or the answer that the provider’s recipe has for it, as to a handshake.',
      schema: z.union([Accepted, AcceptedBatch, Test, Handshake]),
      isOfAnyType: true,
    },
    ...BY_RECIPE,
  },
  problems: [
    'invalid',
    'unauthorized',
    'not-found',
    'too-large',
    'unsupported-media-type',
    'rate-limited',
    'internal',
    'not-configured',
    'paused',
    'unavailable',
  ],
} as const;
const probe = {
  method: 'get',
  path: '/in/{token}',
  summary: 'Is this URL one that takes events?',
  operationId: 'probeInbound',
  tag: 'Inbound',
  description:
    'Some providers ask before they send. A handshake in the query is answered as that provider wants it.',
  params,
  answers: {
    200: {
      description: 'It is. Or the answer to a handshake',
      schema: z.union([z.object({ status: z.literal('ok') }), Handshake]),
      isOfAnyType: true,
    },
    '2XX': BY_RECIPE['2XX'],
  },
  problems: ['not-found', 'rate-limited', 'internal', 'not-configured', 'unavailable'],
} as const;

const validation = {
  method: 'options',
  path: '/in/{token}',
  summary: 'May this sender of CloudEvents post here?',
  operationId: 'allowSender',
  tag: 'Inbound',
  description:
    'The validation request of CloudEvents: a source of provider cloudevents answers the origin that asks with WebHook-Allowed-Origin and WebHook-Allowed-Rate.',
  params,
  answers: { 200: { description: 'It may; of a source of cloudevents, to a WebHook-Request-Origin' } },
  problems: ['not-found', 'method-not-allowed', 'rate-limited', 'internal', 'not-configured', 'unavailable'],
} as const;

/** The same with the type of the event, for providers whose bodies may not name it. */
const typed = {
  path: '/in/{token}/{eventType}',
  params: params.extend({
    eventType: z.string().meta({ description: 'The provider’s own name of the event.' }),
  }),
} as const;

export const INBOUND_ROUTES: readonly AnyRoute[] = [
  postEvent,
  probe,
  validation,
  { ...postEvent, ...typed, operationId: 'receiveTyped' },
  { ...probe, ...typed, operationId: 'probeTypedInbound' },
  { ...validation, ...typed, operationId: 'allowTypedSender' },
];

/** What a sender says comes back under the relay's own origin: no browser is to take it for a page. */
const INERT = {
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
};

type Route = NonNullable<Awaited<ReturnType<typeof routeOfToken>>>;

export function inbound(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  for (const end of ['', '/'] as const) {
    app.all(`/:token${end}`, (c) => arrived(c, c.req.param('token'), null));
    app.all(`/:token/:eventType${end}`, (c) => arrived(c, c.req.param('token'), c.req.param('eventType')));
  }
  return app;
}

type Log = DurableObjectStub<EventLog>;
type Asking = <T>(call: (log: Log) => Promise<T>) => Promise<T>;

/** Asks the log of the tenant; where that life of it has ended, the log of a later one that the URL was imported into. */
async function askedOfLog<T>(
  env: AppEnv['Bindings'],
  token: string,
  route: Route,
  call: (log: Log) => Promise<T>,
): Promise<T> {
  try {
    return await call(eventLogOf(env, route));
  } catch (error) {
    if (!isTenantGone(error)) throw error;
    const moved = await movedToken(env, token, route);
    if (moved === null) throw error;
    return call(eventLogOf(env, moved));
  }
}

async function arrived(c: Context<AppEnv>, token: string, pathEventType: string | null): Promise<Response> {
  const { env } = c;
  const request = c.req.raw;
  const settings = c.get('settings');
  const { maxBodyBytes: maxBytes, publicUrl } = settings;
  const told = c.get('inbound');
  const route = await routeOfToken(env, token);
  if (route === null) throw notFound('inbound URL');
  note(told, { tenant: route.tenant, source: route.sourceId, provider: route.provider });
  const ask: Asking = (call) => askedOfLog(env, token, route, call);

  if (request.method !== 'POST') {
    const greeted = await ask<GreetResult>(async (log) =>
      log.greet(arrivalOf(request, route, publicUrl, new Uint8Array(), pathEventType)),
    );
    if (greeted.kind === 'unknown-source') throw notFound('inbound URL');
    if (greeted.kind === 'handshake') {
      note(told, { outcome: greeted.kind });
      return handshake(greeted.reply);
    }
    if (request.method === 'GET' || request.method === 'HEAD') return Response.json({ status: 'ok' });
    const refusal = new Refusal(
      'method-not-allowed',
      `Events are posted here; ${request.method} does nothing.`,
    );
    const response = problemResponse(refusal);
    response.headers.set('allow', 'GET, HEAD, POST');
    return response;
  }

  if (await isPaused(env, 'ingest')) {
    if (!(await ask((log) => log.refused(route.hash, null)))) throw notFound('inbound URL');
    throw paused('ingest');
  }
  const reported = (status: number, reason: Rejection, bytes: Uint8Array | null) =>
    refusalReport(route.sourceId, request, status, reason, bytes);
  const count = async (status: number, reason: Rejection, bytes: Uint8Array | null) => {
    note(told, { reason: reason === 'tooLarge' ? 'too-large' : reason });
    const report = reported(status, reason, bytes);
    if (!(await ask((log) => log.refused(route.hash, reason, report)))) throw notFound('inbound URL');
  };
  const loop = loopProblem(hopsOf(request.headers));
  if (loop !== null) {
    await count(400, 'malformed', null);
    throw loop;
  }
  const body = await cappedBody(request, maxBytes);
  if (body === null) {
    await count(413, 'tooLarge', null);
    throw new Refusal('too-large', `The body is larger than ${maxBytes} bytes.`);
  }
  const coding = request.headers.get('content-encoding');
  const decoding = decodedBody(body, coding, maxBytes);
  if (decoding.kind !== 'decoded') {
    const [status, reason] = UNDECODED[decoding.kind];
    await count(status, reason, body);
    return undecoded(decoding, maxBytes);
  }
  const sent = arrivalOf(request, route, publicUrl, decoding.body, pathEventType);
  // Before the log is asked: its turn waits for nobody.
  const key = await senderKey(route.provider, sent, settings, new URL(request.url).host);
  if (key.kind === 'unavailable')
    throw new Refusal('unavailable', 'The key of this sender cannot be had now.');
  const arrival = key.kind === 'key' ? { ...sent, senderKey: key.text } : sent;
  const result = await ask<AcceptResult>(async (log) =>
    log.accept(decoding.body === body ? arrival : { ...arrival, sentBody: body }),
  );
  note(told, factsOf(result));
  const refusal = refusalIn(result);
  const report = refusal && reported(...refusal, decoding.body);
  // It is counted already, and its answer waits for no more than that.
  if (report !== null) await ask((log) => log.refused(route.hash, null, report)).catch(() => false);
  return answer(route, result);
}

const UNDECODED = {
  'too-large': [413, 'tooLarge'],
  malformed: [400, 'malformed'],
  unsupported: [415, 'malformed'],
} as const satisfies Readonly<Record<string, readonly [number, Rejection]>>;

function undecoded(decoding: Exclude<Decoding, { kind: 'decoded' }>, maxBytes: number): Response {
  switch (decoding.kind) {
    case 'too-large':
      throw new Refusal('too-large', `The body is larger than ${maxBytes} bytes once it is decoded.`);
    case 'malformed':
      throw invalid({ path: '', expected: `a body in ${decoding.coding}`, got: 'other bytes' });
    case 'unsupported': {
      const detail = `A body is read in ${DECODED_CODINGS} or as it is, not in ${decoding.coding.slice(0, 80)}.`;
      const response = problemResponse(new Refusal('unsupported-media-type', detail));
      response.headers.set('accept-encoding', DECODED_CODINGS);
      return response;
    }
  }
}

/** Behind a proxy the relay sees another host than the sender does. */
function urlSentTo(request: Request, publicUrl: string | null): string {
  return publicUrl === null
    ? request.url
    : publicUrl + request.url.slice(request.url.indexOf('/', 'https://'.length));
}

function arrivalOf(
  request: Request,
  route: Route,
  publicUrl: string | null,
  body: Uint8Array,
  pathEventType: string | null,
): Arrival {
  const headers = new Map<string, string>();
  const names = headersFor(route.provider);
  for (const name of names === 'all' ? request.headers.keys() : ['content-type', ...names]) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, name === 'content-type' ? carriedContentType(value, '') : value);
  }
  return {
    tokenHash: route.hash,
    hops: hopsOf(request.headers),
    method: request.method,
    url: urlSentTo(request, publicUrl),
    body,
    headers,
    pathEventType,
  };
}

function answer(route: Route, result: AcceptResult): Response {
  switch (result.kind) {
    case 'unknown-source':
      throw notFound('inbound URL');
    case 'bad-signature': {
      const refusal = new Refusal(
        'unauthorized',
        `The signature of source ${route.sourceId} is missing or wrong.`,
      );
      const status = result.answers?.refusedStatus;
      if (status === undefined || status === 401) throw refusal;
      return problemResponse(refusal, status);
    }
    case 'malformed':
      throw invalid({ path: result.path, expected: result.expected, got: result.got });
    case 'too-large':
      throw new Refusal('too-large', `The body holds ${result.what}.`);
    case 'handshake':
      return handshake(result.reply);
    case 'test':
      return taken({ status: 'test' }, result.answers);
    case 'accepted':
      return taken({ status: 'accepted', id: result.id, duplicate: result.duplicate }, result.answers);
    case 'accepted-batch':
      return taken({ status: 'accepted', events: result.events }, result.answers);
  }
}

/** What the relay has to say, in the way that the provider wants to hear it. */
function taken(json: object, answers: Answers | undefined): Response {
  const { status = 200, body, contentType = '' } = answers ?? {};
  if (body === undefined) return Response.json(json, { status });
  return inert(status, contentType === '' ? null : contentType, body, {});
}

function handshake({ status, contentType, body, headers }: Reply): Response {
  return inert(status, contentType, body, headers);
}

function inert(
  status: number,
  contentType: string | null,
  body: string,
  more: Readonly<Record<string, string>>,
) {
  const headers = new Headers({ ...more, ...INERT });
  if (contentType !== null) headers.set('content-type', contentType);
  // No text, not an empty one, which would be given a content type.
  return new Response(body === '' ? null : body, { status, headers });
}
