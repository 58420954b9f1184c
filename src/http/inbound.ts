/**
 * The inbound route: where providers post. Reads bytes, lets the tenant's event log decide in one call, and answers
 * by the table of contract §4, whose first row that matches counts.
 */
import { Hono } from 'hono';
import type { AcceptResult, Arrival } from '../event-log/event-log.ts';
import { eventLogOf } from '../registry/address.ts';
import { routeOfToken } from '../registry/routes.ts';
import { cappedBody } from './body.ts';
import type { AppEnv } from './context.ts';
import { Refusal, invalid, notFound, problemResponse } from './problem.ts';

type Route = NonNullable<Awaited<ReturnType<typeof routeOfToken>>>;

export function inbound(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.all('/:token', (c) =>
    arrived(c.req.raw, c.env, c.get('settings').maxBodyBytes, c.req.param('token'), null),
  );
  app.all('/:token/:eventType', (c) =>
    arrived(c.req.raw, c.env, c.get('settings').maxBodyBytes, c.req.param('token'), c.req.param('eventType')),
  );
  return app;
}

async function arrived(
  request: Request,
  env: AppEnv['Bindings'],
  maxBytes: number,
  token: string,
  pathEventType: string | null,
): Promise<Response> {
  const route = await routeOfToken(env, token);
  if (route === null) throw notFound('inbound URL');
  const log = eventLogOf(env, route);

  if (request.method !== 'POST') {
    if (!(await log.refused(route.hash, null))) throw notFound('inbound URL');
    if (request.method === 'GET' || request.method === 'HEAD') return Response.json({ status: 'ok' });
    const refusal = new Refusal(
      'method-not-allowed',
      `Events are posted here; ${request.method} does nothing.`,
    );
    const response = problemResponse(refusal);
    response.headers.set('allow', 'GET, HEAD, POST');
    return response;
  }

  const body = await cappedBody(request, maxBytes);
  if (body === null) {
    if (!(await log.refused(route.hash, 'tooLarge'))) throw notFound('inbound URL');
    throw new Refusal('too-large', `The body is larger than ${maxBytes} bytes.`);
  }
  return answer(route, await log.accept(arrivalOf(request, route, body, pathEventType)));
}

function arrivalOf(request: Request, route: Route, body: Uint8Array, pathEventType: string | null): Arrival {
  return { tokenHash: route.hash, body, headers: new Map(request.headers), pathEventType };
}

function answer(route: Route, result: AcceptResult): Response {
  switch (result.kind) {
    case 'unknown-source':
      throw notFound('inbound URL');
    case 'bad-signature':
      throw new Refusal('unauthorized', `The signature of source ${route.sourceId} is missing or wrong.`);
    case 'malformed':
      throw invalid({ path: result.path, expected: result.expected, got: result.got });
    case 'test':
      return Response.json({ status: 'test' });
    case 'accepted':
      return Response.json({ status: 'accepted', id: result.id, duplicate: result.duplicate });
  }
}
