/** What registered programs of the providers rely on: names, numbers and paths mean in a dialect what they mean there. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWebhook, getWebhook, superofficeRefusal, webhook } from '../support/dialects.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, accepted, arriveSigned, newTenant, superofficeBody } from '../support/tenant.ts';

let relay: Relay;
let receiver: Receiver;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

/** A webhook for these events with a receiver of its own, and a source that feeds it. */
async function following(tenant: Tenant, ...Events: readonly string[]) {
  const own = await startReceiver();
  const { WebhookId } = await createWebhook(tenant, webhook(own.url, { Events }));
  const isEvent = ({ headers }: { headers: object }) => !('x-hook-test' in headers);
  return {
    WebhookId,
    async arrivals(count: number) {
      const all = await own.waitFor((arrived) => arrived.filter(isEvent).length >= count);
      return all.filter(isEvent);
    },
    [Symbol.asyncDispose]: () => own.close(),
  };
}

describe('C5: the Events of a webhook are SuperOffice’s own names', () => {
  test('one for contact.updated gets no contact.changed, and explains why', async () => {
    const tenant = await newTenant(relay);
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 'so' });
    await using updated = await following(tenant, 'contact.updated');
    await using changed = await following(tenant, 'Contact.Changed');
    const { id } = accepted(await arriveSigned(source, superofficeBody()));
    const other = accepted(await arriveSigned(source, superofficeBody({ Event: 'contact.updated' })));
    expect((await changed.arrivals(1)).map(({ headers }) => headers['webhook-id'])).toEqual([id]);
    expect((await updated.arrivals(1)).map(({ headers }) => headers['webhook-id'])).toEqual([other.id]);
    expect(await tenant.api.explain(id, updated.WebhookId)).toMatchObject({
      status: 'skipped',
      reason: 'pattern',
    });
  });

  test('webhook123.errors is webhook.errors of key 123, and of no other', async () => {
    const tenant = await newTenant(relay);
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 'so' });
    await using follower = await following(tenant, 'webhook123.errors');
    const errors = (PrimaryKey: number) =>
      superofficeBody({ Event: 'webhook.errors', Entity: undefined, PrimaryKey });
    accepted(await arriveSigned(source, errors(66)));
    const { id } = accepted(await arriveSigned(source, errors(123)));
    const [arrival, ...others] = await follower.arrivals(1);
    expect(others).toEqual([]);
    expect(arrival?.headers).toMatchObject({ 'webhook-id': id, 'x-superoffice-event': 'webhook.errors' });
    expect(JSON.parse(String(arrival?.body))).toMatchObject({ Event: 'webhook.errors', PrimaryKey: 123 });
  });

  test('changing Events between two names of one type counts from the next event on', async () => {
    const tenant = await newTenant(relay);
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 'so' });
    await using follower = await following(tenant, 'contact.updated');
    accepted(await arriveSigned(source, superofficeBody()));
    await tenant.api.expect(200, 'PATCH', `/api/v1/Webhook/${follower.WebhookId}`, {
      Events: ['contact.changed'],
    });
    const { id } = accepted(await arriveSigned(source, superofficeBody()));
    expect((await follower.arrivals(1)).map(({ headers }) => headers['webhook-id'])).toEqual([id]);
  });

  test('the errors of a webhook here reach who names it, said as SuperOffice says them', async () => {
    const tenant = await newTenant(relay);
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 'so' });
    await using failing = await startReceiver();
    const { WebhookId } = await createWebhook(
      tenant,
      webhook(failing.url, { Events: ['contact.changed'], ErrorsEmail: 'me@example.com' }),
    );
    await using follower = await following(tenant, `webhook${WebhookId}.errors`);
    await using another = await following(tenant, `webhook${WebhookId + 100}.errors`);
    failing.answerWith({ status: 410 });
    accepted(await arriveSigned(source, superofficeBody()));
    const [arrival] = await follower.arrivals(1);
    expect(arrival?.headers['x-superoffice-event']).toBe('webhook.errors');
    expect(JSON.parse(String(arrival?.body))).toMatchObject({
      Event: 'webhook.errors',
      PrimaryKey: WebhookId,
    });
    expect(await tenant.api.hook(another.WebhookId)).toMatchObject({ stats: { pending: 0, delivered: 0 } });
  });
});

describe('C6: numbers in Properties keep their text', () => {
  const PROPERTIES = '{"id":9007199254740993,"amount":100.0,"deep":[1e2,{"x":-0.10}],"text":"100.0"}';

  async function raw(tenant: Tenant, method: string, path: string, body?: string): Promise<string> {
    const headers = { authorization: `Bearer ${tenant.key}`, 'content-type': 'application/json' };
    const reply = await fetch(`${relay.url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${reply.status} ${text}`);
    return text;
  }

  test('in the answer, in lists, in both APIs, in the native one, and in deliveries', async () => {
    const tenant = await newTenant(relay);
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 'so' });
    await using target = await startReceiver();
    const members = JSON.stringify(webhook(target.url));
    const made = await raw(
      tenant,
      'POST',
      '/api/v1/Webhook',
      members.replace(/}$/, `,"Properties":${PROPERTIES}}`),
    );
    const { WebhookId } = JSON.parse(made) as { WebhookId: number };
    for (const text of [
      made,
      await raw(tenant, 'GET', `/api/v1/Webhook/${WebhookId}`),
      await raw(tenant, 'GET', '/api/v1/Webhook'),
      await raw(tenant, 'POST', `/api/v1/Agents/Webhook/GetWebhook?webhookId=${WebhookId}`, 'null'),
      await raw(tenant, 'PATCH', `/api/v1/Webhook/${WebhookId}`, '{"Name":"renamed"}'),
      await raw(tenant, 'PUT', `/api/v1/Webhook/${WebhookId}`, made),
    ])
      expect(text).toContain(`"Properties":${PROPERTIES}`);
    expect(await raw(tenant, 'GET', `/v1/hooks/${WebhookId}`)).toContain(`"properties":${PROPERTIES}`);
    expect(await raw(tenant, 'GET', '/v1/export')).toContain(`"properties":${PROPERTIES}`);
    accepted(await arriveSigned(source, superofficeBody()));
    const isEvent = ({ headers }: { headers: object }) => !('x-hook-test' in headers);
    const arrivals = await target.waitFor((all) => all.some(isEvent));
    const body = String(arrivals.find(isEvent)?.body);
    expect(body).toContain('"id":9007199254740993,"amount":100.0,"deep":[1e2,{"x":-0.10}],"text":"100.0"');
  });

  test('through patches of both kinds', async () => {
    const tenant = await newTenant(relay);
    const { WebhookId } = await createWebhook(tenant, webhook(receiver.url, { Properties: { a: 1 } }));
    const path = `/api/v1/Webhook/${WebhookId}`;
    await raw(tenant, 'PATCH', path, '{"Properties":{"big":9007199254740993}}');
    const patched = await raw(
      tenant,
      'PATCH',
      path,
      '[{"op":"add","path":"/Properties/more","value":100.00}]',
    );
    expect(patched).toContain('"Properties":{"a":1,"big":9007199254740993,"more":100.00}');
  });

  test('and numbers elsewhere are numbers, however they are written', async () => {
    const tenant = await newTenant(relay);
    const { WebhookId } = await createWebhook(tenant, webhook(receiver.url));
    await raw(tenant, 'PATCH', `/api/v1/Webhook/${WebhookId}`, '{"State":2.0}');
    expect(await getWebhook(tenant, WebhookId)).toMatchObject({ State: 'Stopped' });
  });
});

test('C7: statusFilter takes names and numbers, in REST and RPC, and refuses anything else', async () => {
  const tenant = await newTenant(relay);
  const make = async (State: string) =>
    (await createWebhook(tenant, webhook(receiver.url, { State }))).WebhookId;
  const active = await make('Active');
  const stopped = await make('Stopped');
  const rest = async (filter: string) => {
    const reply = await tenant.api.request('GET', `/api/v1/Webhook?statusFilter=${filter}`);
    return reply.status === 200
      ? (reply.body as { WebhookId: number }[]).map(({ WebhookId }) => WebhookId)
      : superofficeRefusal(reply)[0];
  };
  const rpc = async (StatusFilter: unknown) => {
    const body = { NameFilter: '', EventFilter: '', StatusFilter };
    const reply = await tenant.api.request('POST', '/api/v1/Agents/Webhook/GetAllWebhooks', body);
    return reply.status === 200
      ? (reply.body as { WebhookId: number }[]).map(({ WebhookId }) => WebhookId)
      : superofficeRefusal(reply)[0];
  };
  for (const ask of [rest, rpc]) {
    expect(await ask('3')).toEqual([]);
    expect(await ask('2')).toEqual([stopped]);
    expect(await ask('active')).toEqual([active]);
    expect(await ask('0')).toEqual([active, stopped]);
    expect(await ask('Unknown')).toEqual([active, stopped]);
    expect(await ask('')).toEqual([active, stopped]);
    for (const wrong of ['Bogus', '4', '-1', '1.5']) expect(await ask(wrong)).toBe('400 ArgumentException');
  }
  expect(await rpc(2)).toEqual([stopped]);
  expect(await rpc(7)).toBe('400 ArgumentException');
  expect(await rpc([])).toBe('400 ArgumentException');
});

describe('below the root of a dialect every answer has its shape', () => {
  async function answered(method: string, path: string, headers: Readonly<Record<string, string>> = {}) {
    const reply = await fetch(`${relay.url}${path}`, { method, headers });
    return { status: reply.status, allow: reply.headers.get('allow'), body: (await reply.json()) as object };
  }

  test.each([
    ['POST', '/v1/webhooks/register/', 401],
    ['GET', '/v1/webhooks/', 401],
    ['DELETE', '/webhooks/delete/7/', 401],
    ['POST', '/v1/webhooks/', 404],
    ['GET', '/v1/webhooks/nothing', 404],
    ['POST', '/v1/webhook/register/more', 404],
    ['GET', '/webhook/register', 405],
    ['PUT', '/v1/webhooks', 405],
  ])('C11: %s %s of Deskera’s is %d', async (method, path, status) => {
    const { body, ...reply } = await answered(method, path);
    expect([reply.status, Object.keys(body).sort()]).toEqual([
      status,
      ['code', 'errorMessage', 'httpStatus'],
    ]);
    expect(reply.allow === null).toBe(status !== 405);
  });

  test('C11: a slash at the end of a registration changes nothing', async () => {
    const tenant = await newTenant(relay);
    const registration = {
      clientId: 'a',
      clientSecret: 'b',
      accessToken: 'c',
      refreshToken: 'd',
      eventType: 'CREATE_CONTACT',
      webhookUrl: receiver.url,
    };
    const reply = await fetch(`${relay.url}/v1/webhooks/register/`, {
      method: 'POST',
      headers: { 'x-access-token': tenant.key, 'content-type': 'application/json' },
      body: JSON.stringify(registration),
    });
    expect([reply.status, await reply.json()]).toMatchObject([200, { eventType: 'CREATE_CONTACT' }]);
  });

  test.each(['/api/v1/Webhook/%0D%0A', '/Cust1/api/v1/Webhook/a%0Ab/c', '/api/v1/Agents/Webhook/%0D%0A/x'])(
    'C12: %s is answered as SuperOffice answers, and tells a stranger nothing',
    async (path) => {
      const { status, body } = await answered('GET', path);
      expect([status, body]).toMatchObject([401, { Error: true, ErrorSource: expect.any(String) as string }]);
    },
  );
});
