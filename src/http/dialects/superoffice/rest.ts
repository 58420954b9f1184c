/** The REST form: `/api/v1/Webhook`, one resource for each webhook. */
import { defaultWebhook } from '../../../providers/superoffice/webhook.ts';
import { Refusal } from '../../problem.ts';
import { jsonOf, textAndValueOf, webhookIn } from './body.ts';
import { checkRight, type Client, type Ctx } from './client.ts';
import { badArgument, methodNotAllowed } from './errors.ts';
import { selected, selectionOf } from './select.ts';
import { signal } from './signal.ts';
import * as webhooks from './webhooks.ts';

/** `path`: the segments below the collection, as the caller wrote them. */
export async function answerRest(c: Ctx, client: Client, path: readonly string[]): Promise<Response> {
  // Hono answers HEAD as GET without the body, but leaves the request as it is.
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
  const [first = '', second = ''] = path;
  switch (path.length) {
    case 0:
      return collection(c, client, method);
    case 1:
      if (first.toLowerCase() === 'default') return byDefault(c, client, method);
      if (first.toLowerCase() === 'test') return ping(c, client, method);
      return one(c, client, method, first);
    case 2:
      return second.toLowerCase() === 'lasterror'
        ? lastError(c, client, method, first)
        : signalled(c, client, method, first, second);
    default:
      throw new Refusal('not-found', 'No such path.');
  }
}

async function collection(c: Ctx, client: Client, method: string): Promise<Response> {
  switch (method) {
    case 'GET': {
      checkRight(client, 'read');
      const query = new Map(
        Object.entries(c.req.query()).map(([name, value]) => [name.toLowerCase(), value]),
      );
      const filters = {
        name: query.get('namefilter') ?? '',
        event: query.get('eventfilter') ?? '',
        status: webhooks.statusFilterOf(query.get('statusfilter')),
      };
      return c.json(await webhooks.list(c, client, filters));
    }
    case 'POST': {
      checkRight(client, 'write');
      const made = await webhooks.create(c, client, webhookIn(await jsonOf(c)));
      return answered(c, client, made);
    }
    default:
      return methodNotAllowed(method, 'GET, POST');
  }
}

function byDefault(c: Ctx, client: Client, method: string): Response {
  if (method !== 'GET') return methodNotAllowed(method, 'GET');
  checkRight(client, 'read');
  return c.json(defaultWebhook());
}

async function ping(c: Ctx, client: Client, method: string): Promise<Response> {
  if (method !== 'POST') return methodNotAllowed(method, 'POST');
  checkRight(client, 'write');
  return c.json(await webhooks.test(c, client, await jsonOf(c)));
}

async function one(c: Ctx, client: Client, method: string, idText: string): Promise<Response> {
  const right = method === 'GET' ? 'read' : 'write';
  checkRight(client, right);
  const id = webhooks.webhookIdOf(idText);
  switch (method) {
    case 'GET': {
      const view = await webhooks.get(c, client, id);
      return webhooks.isUnmodified(c, view) ? c.body(null, 304) : answered(c, client, view);
    }
    case 'PUT': {
      const webhook = webhookIn(await jsonOf(c));
      return answered(c, client, await webhooks.save(c, client, id, () => webhook));
    }
    case 'PATCH': {
      const wish = webhooks.changed(await jsonOf(c));
      return answered(c, client, await webhooks.save(c, client, id, wish));
    }
    case 'DELETE':
      await webhooks.remove(c, client, id);
      return c.body(null, 204);
    default:
      return methodNotAllowed(method, 'DELETE, GET, PATCH, PUT');
  }
}

async function lastError(c: Ctx, client: Client, method: string, id: string): Promise<Response> {
  if (method !== 'GET') return methodNotAllowed(method, 'GET');
  checkRight(client, 'read');
  const { runtime } = await webhooks.get(c, client, webhooks.webhookIdOf(id));
  return c.json(runtime.lastAnswer ?? '');
}

async function signalled(
  c: Ctx,
  client: Client,
  method: string,
  event: string,
  primaryKey: string,
): Promise<Response> {
  if (method !== 'POST') return methodNotAllowed(method, 'POST');
  checkRight(client, 'signal');
  const { text, value } = await textAndValueOf(c);
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw badArgument('Data: expected a JSON object');
  }
  await signal(c, client, event, primaryKey, text);
  return c.body(null, 204);
}

function answered(c: Ctx, client: Client, view: webhooks.View): Response {
  return c.json(selected(webhooks.entityWithLinks(c, client, view), selectionOf(c)));
}
