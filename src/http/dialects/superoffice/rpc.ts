/**
 * The RPC form: `/api/v1/Agents/Webhook/{method}`, as the vendor's npm client calls it: POST for everything, ids in the
 * query, a body of `null` where nothing is to say, answers without links.
 * Source: swagger file of the WebhookAgent; npm package @superoffice/webapi.
 */
import { membersByName, type Member } from '../../../core/json-text.ts';
import { byLowerName, defaultWebhook } from '../../../providers/superoffice/webhook.ts';
import { Refusal } from '../../problem.ts';
import { jsonOf, textAndValueOf, webhookIn } from './body.ts';
import { checkRight, type Client, type Ctx, type Right } from './client.ts';
import { badArgument, methodNotAllowed } from './errors.ts';
import { selected, selectionOf } from './select.ts';
import { signal } from './signal.ts';
import * as webhooks from './webhooks.ts';

interface Method {
  readonly right: Right;
  readonly answer: (c: Ctx, client: Client) => Promise<Response>;
}

/** By their names in lower case. */
const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['createdefaultwebhook', { right: 'read', answer: (c) => Promise.resolve(c.json(defaultWebhook())) }],
  ['savewebhook', { right: 'write', answer: saveWebhook }],
  ['deletewebhook', { right: 'write', answer: deleteWebhook }],
  ['getwebhook', { right: 'read', answer: getWebhook }],
  ['getallwebhooks', { right: 'read', answer: getAllWebhooks }],
  ['testwebhook', { right: 'write', answer: testWebhook }],
  ['signalevent', { right: 'signal', answer: signalEvent }],
  ['getlasterror', { right: 'read', answer: getLastError }],
]);

export async function answerRpc(c: Ctx, client: Client, path: readonly string[]): Promise<Response> {
  const [name = ''] = path;
  const method = METHODS.get(name.toLowerCase());
  if (method === undefined || path.length > 1) throw new Refusal('not-found', 'No such method.');
  if (c.req.method !== 'POST') return methodNotAllowed(c.req.method, 'POST');
  checkRight(client, method.right);
  return method.answer(c, client);
}

async function saveWebhook(c: Ctx, client: Client): Promise<Response> {
  const body = await jsonOf(c);
  const webhook = webhookIn(body);
  const id = webhooks.idIn(objectIn(body));
  const view =
    id === 0 ? await webhooks.create(c, client, webhook) : await webhooks.save(c, client, id, () => webhook);
  return c.json(webhooks.entity(view));
}

async function deleteWebhook(c: Ctx, client: Client): Promise<Response> {
  await webhooks.remove(c, client, idInQuery(c));
  return c.body(null, 204);
}

/** Unlike REST, this form answers null for what is not there. */
async function getWebhook(c: Ctx, client: Client): Promise<Response> {
  const view = await webhooks.find(c, client, idInQuery(c));
  return c.json(view && selected(webhooks.entity(view), selectionOf(c)));
}

async function getAllWebhooks(c: Ctx, client: Client): Promise<Response> {
  const sent = byLowerName(objectIn(await jsonOf(c)));
  const text = (name: string) => {
    const value = sent.get(name) ?? '';
    if (typeof value !== 'string') throw badArgument(`${name}: expected text`);
    return value;
  };
  const status = webhooks.statusFilterOf(sent.get('statusfilter'));
  const filters = { name: text('namefilter'), event: text('eventfilter'), status };
  const found = await webhooks.list(c, client, filters);
  const selection = selectionOf(c);
  return c.json(found.map((entity) => selected(entity, selection)));
}

async function testWebhook(c: Ctx, client: Client): Promise<Response> {
  const webhook = byLowerName(objectIn(await jsonOf(c))).get('webhook') ?? null;
  return c.json(selected(await webhooks.test(c, client, webhook), selectionOf(c)));
}

async function signalEvent(c: Ctx, client: Client): Promise<Response> {
  const { text, value } = await textAndValueOf(c);
  objectIn(value);
  const sent = new Map<string, Member>();
  for (const [name, member] of membersByName(text)) sent.set(name.toLowerCase(), member);
  const part = (name: string, fallback: string) => {
    const member = sent.get(name);
    return member === undefined ? fallback : text.slice(member.start, member.end);
  };
  const data = part('data', 'null');
  if (data !== 'null' && !data.startsWith('{')) throw badArgument('Data: expected an object or null');
  const event = JSON.parse(part('eventname', 'null')) as unknown;
  if (typeof event !== 'string') throw badArgument('EventName: expected text');
  await signal(c, client, event, part('primarykey', '0'), data);
  return c.body(null, 204);
}

async function getLastError(c: Ctx, client: Client): Promise<Response> {
  const id = webhooks.idIn(objectIn(await jsonOf(c)));
  const { runtime } = await webhooks.get(c, client, id);
  return c.json(runtime.lastAnswer ?? '');
}

function idInQuery(c: Ctx): number {
  const query = Object.entries(c.req.query()).find(([name]) => name.toLowerCase() === 'webhookid');
  if (query === undefined) throw badArgument('The request is invalid: it names no webhookId');
  return webhooks.int32Of(query[1]);
}

/** `null` is as good as an object without members. */
function objectIn(value: unknown): object {
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw badArgument('The request is invalid: expected a JSON object');
  }
  return value ?? {};
}
