/**
 * J1: the vendor's own npm client, as it is installed, against a relay that runs. Between the two stands a proxy that
 * changes nothing: it holds every answer against the vendor's swagger file and the relay's own document.
 */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type * as Vendor from '@superoffice/webapi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answersOf } from '../support/answers.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { checkBySwagger, noSwagger, swaggerCalls } from '../support/swagger.ts';
import { type Tenant, newTenant } from '../support/tenant.ts';
import { until } from '../support/until.ts';

// Its ES modules import each other without file extensions, which Node does not resolve.
const { WebhookAgent, WebhookNotifyWhen, WebhookState } = createRequire(import.meta.url)(
  '@superoffice/webapi',
) as typeof Vendor;

const MASK = '********';

let relay: Relay;
let proxy: Server;
let receiver: Receiver;
let tenant: Tenant;
let agent: Vendor.WebhookAgent;
/** `POST /…` of each call. */
const calls: string[] = [];
/** What does not fit. */
const complaints: string[] = [];

beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  tenant = await newTenant(relay);
  const answers = await answersOf(relay.url);
  proxy = createServer((request, response) => {
    const forward = async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method = '', url = '' } = request;
      const { authorization = '', 'content-type': type = '', accept = '' } = request.headers;
      const answer = await fetch(`${relay.url}${url}`, {
        method,
        headers: { authorization, 'content-type': type, accept },
        body: Buffer.concat(chunks),
      });
      const text = await answer.text();
      const { pathname } = new URL(url, relay.url);
      calls.push(`${method} ${pathname.slice(tenant.id.length + 1)}`);
      try {
        answers.check(method, pathname, { status: answer.status, headers: answer.headers, text });
        checkBySwagger(method, pathname, answer.status, text);
      } catch (error) {
        complaints.push(String(error));
      }
      response
        .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
        .end(text);
    };
    forward().catch((error: unknown) => response.writeHead(502).end(String(error)));
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as AddressInfo;
  agent = new WebhookAgent(`http://127.0.0.1:${port}/${tenant.id}`, {
    headers: { authorization: `Bearer ${tenant.key}` },
  });
});
afterAll(async () => {
  proxy.close();
  await Promise.all([relay.dispose(), receiver.close()]);
});

/** What the client rejects with, and what it shows of the answer. */
async function rejection(
  call: Promise<unknown>,
): Promise<{ readonly status: number; readonly data: unknown }> {
  try {
    await call;
  } catch (error) {
    const { response } = error as { response: { status: number; data: unknown } };
    return { status: response.status, data: response.data };
  }
  throw new Error('expected the client to reject');
}

/** A new webhook, as the client makes one. */
async function blank(members: Partial<Vendor.Webhook>): Promise<Vendor.Webhook> {
  return Object.assign(await agent.createDefaultWebhookAsync(), members);
}

describe('J1: the vendor’s npm client, unchanged', () => {
  let made: Vendor.Webhook;
  const id = () => made.webhookId ?? 0;

  test('createDefaultWebhookAsync: what a new one starts from', async () => {
    expect(await agent.createDefaultWebhookAsync()).toMatchObject({
      webhookId: 0,
      name: null,
      events: ['contact.created', 'contact.deleted'],
      state: WebhookState.Active,
      type: 'webhook',
    });
  });

  test('saveWebhookAsync: a default one filled in is made, and its target tried out', async () => {
    const webhook = await blank({
      name: 'My hook',
      events: ['contact.created', 'window.closed'],
      targetUrl: receiver.url,
      secret: 's3',
      headers: { 'X-A': 'b' },
      properties: { foo: 1 },
      description: 'made by a client',
      notifyWhen: WebhookNotifyWhen.FirstFailure,
      errorEmails: ['ops@example.com'],
    });
    made = await agent.saveWebhookAsync(webhook);
    expect(made).toMatchObject({
      webhookId: 1,
      name: 'My hook',
      events: ['contact.created', 'window.closed'],
      targetUrl: receiver.url,
      secret: MASK,
      state: WebhookState.Active,
      type: 'webhook',
      headers: { 'X-A': MASK },
      properties: { foo: 1 },
      description: 'made by a client',
      notifyWhen: WebhookNotifyWhen.FirstFailure,
      errorEmails: ['ops@example.com'],
      totalCalls: 0,
      totalErrors: 0,
      consecutiveErrors: 0,
      lastError: '',
    });
    expect(made.registered?.getFullYear()).toBeGreaterThan(2000);
    expect(receiver.arrivals.map(({ headers }) => headers['x-hook-test'])).toEqual(['true']);
  });

  test('saveWebhookAsync: what was read is saved again; its masks keep Secret and headers', async () => {
    const read = await agent.getWebhookAsync(id());
    const saved = await agent.saveWebhookAsync({ ...read, name: 'renamed' });
    expect(saved).toMatchObject({ webhookId: made.webhookId, name: 'renamed', secret: MASK });
    expect(saved).toEqual({ ...read, name: 'renamed', updated: saved.updated });
    // Nothing that a target sees has changed.
    expect(receiver.arrivals).toHaveLength(1);
    await agent.saveWebhookAsync({ ...read, name: 'My hook' });
  });

  test('saveWebhookAsync: an insecure target is refused in the vendor’s words', async () => {
    const insecure = await blank({ name: 'x', targetUrl: 'http://www.example.com' });
    expect(await rejection(agent.saveWebhookAsync(insecure))).toMatchObject({
      status: 400,
      data: {
        Error: true,
        ErrorType: 'ArgumentException',
        Message: "Webhook TargetUrl must be secure: 'HTTPS:' not found in http://www.example.com",
      },
    });
    expect(await rejection(agent.saveWebhookAsync({ ...made, webhookId: 4242 }))).toMatchObject({
      status: 404,
      data: { Message: 'Webhook id 4242 not found' },
    });
  });

  test('getWebhookAsync: the webhook, or null where there is none', async () => {
    expect(await agent.getWebhookAsync(id())).toMatchObject({ webhookId: 1, name: 'My hook' });
    for (const none of [4242, 0, -1, 2 ** 31 - 1]) expect(await agent.getWebhookAsync(none)).toBeNull();
  });

  test('getAllWebhooksAsync: all of them, and by name, event and state', async () => {
    const other = await blank({
      name: 'other',
      events: ['sale.sold'],
      targetUrl: receiver.url,
      state: WebhookState.Stopped,
    });
    const { webhookId = 0 } = await agent.saveWebhookAsync(other);
    const ids = async (...filters: [string | null, string | null, Vendor.WebhookState | null]) =>
      (await agent.getAllWebhooksAsync(...(filters as [string, string, Vendor.WebhookState]))).map(
        (one) => one.webhookId,
      );
    expect(await ids(null, null, null)).toEqual([1, webhookId]);
    expect(await ids('My hook', null, null)).toEqual([1]);
    expect(await ids(null, 'Sale.Sold', WebhookState.Unknown)).toEqual([webhookId]);
    expect(await ids('', 'contact.created', WebhookState.Active)).toEqual([1]);
    expect(await ids(null, null, WebhookState.Stopped)).toEqual([webhookId]);
    const request = { nameFilter: 'other', eventFilter: '', statusFilter: WebhookState.TooManyErrors };
    expect(await agent.getAllWebhooksAsync(request)).toEqual([]);
    await agent.deleteWebhookAsync(webhookId);
  });

  test('testWebhookAsync: what the target answered, whether it passes or not', async () => {
    receiver.answerWith({ status: 200, headers: { 'x-from': 'target' }, body: 'welcome' });
    const passed = await agent.testWebhookAsync(made);
    expect(passed.success).toBe(true);
    expect(passed.message).toMatch(/^HTTP 200\n(?:.+\n)*x-from: target\n(?:.+\n)*\nwelcome$/);
    receiver.answerWith({ status: 418, body: 'no' });
    const failed = await agent.testWebhookAsync({ webhook: await blank({ targetUrl: receiver.url }) });
    expect(failed).toMatchObject({
      success: false,
      message: expect.stringMatching(/^HTTP 418\n[^]*\n\nno$/) as string,
    });
    // Neither saves or counts anything.
    expect(await agent.getWebhookAsync(id())).toMatchObject({ totalCalls: 0, lastError: '' });
    receiver.answerWith({ status: 200 });
  });

  test('signalEventAsync: the event is delivered to the webhook that wants it, with its data', async () => {
    const data = { windowName: 'foo', widgets: 123, EventId: 'mine', Changes: ['a'] };
    const before = receiver.arrivals.length;
    await agent.signalEventAsync('window.closed', 12, data as unknown as Vendor.StringObjectDictionary);
    const arrivals = await receiver.waitFor(before + 1);
    expect(arrivals.at(-1)?.headers).toMatchObject({ 'x-superoffice-event': 'window.closed', 'x-a': 'b' });
    const body = JSON.parse(new TextDecoder().decode(arrivals.at(-1)?.body)) as Record<string, unknown>;
    expect(body).toMatchObject({
      Event: 'window.closed',
      Entity: 'window',
      PrimaryKey: 12,
      ContextIdentifier: tenant.id,
      ChangedByAssociateId: 0,
      WebhookName: 'My hook',
      Changes: ['a'],
      windowName: 'foo',
      widgets: 123,
      foo: 1,
    });
    expect(body['EventId']).toBe(arrivals.at(-1)?.headers['x-superoffice-eventid']);
    expect(body['EventId']).not.toBe('mine');
    await until(
      () => agent.getWebhookAsync(id()),
      ({ totalCalls }) => totalCalls === 1,
    );
  });

  test('getLastErrorAsync: status, headers and body of the last answer that was a failure', async () => {
    expect(await agent.getLastErrorAsync(id())).toBe('');
    receiver.answerWith({ status: 503, headers: { 'x-why': 'full' }, body: 'too many' });
    await agent.signalEventAsync({ eventName: 'window.closed', primaryKey: 0, data: null as never });
    const failed = await until(
      () => agent.getWebhookAsync(id()),
      ({ totalErrors }) => totalErrors === 1,
    );
    expect(failed).toMatchObject({ totalCalls: 2, totalErrors: 1, consecutiveErrors: 1 });
    expect(failed.lastError).toMatch(/^HTTP 503\n(?:.+\n)*x-why: full\n(?:.+\n)*\ntoo many$/);
    expect(await agent.getLastErrorAsync({ webhookId: id() })).toBe(failed.lastError);
    expect(await rejection(agent.getLastErrorAsync(4242))).toMatchObject({ status: 404 });
  });

  test('deleteWebhookAsync: it is gone', async () => {
    await agent.deleteWebhookAsync(id());
    expect(await agent.getWebhookAsync(id())).toBeNull();
    expect(await rejection(agent.deleteWebhookAsync(id()))).toMatchObject({ status: 404 });
  });

  test('every method of its WebhookAgent was called', () => {
    const methods = Object.getOwnPropertyNames(WebhookAgent.prototype).filter((name) =>
      /^[a-z]\w+Async$/.test(name),
    );
    const called = new Set(calls.map((call) => call.split('/').at(-1)?.toLowerCase()));
    expect([...called].sort()).toEqual(
      methods.map((name) => name.replace(/Async$/, '').toLowerCase()).sort(),
    );
  });

  test.skipIf(noSwagger)('every call of the vendor’s swagger file was made, and every answer fits it', () => {
    const agents = swaggerCalls().filter((call) => call.includes('/Agents/'));
    expect([...new Set(calls)].sort()).toEqual(agents.sort());
  });

  test('every answer fits the relay’s own document', () => {
    expect(complaints).toEqual([]);
  });
});
