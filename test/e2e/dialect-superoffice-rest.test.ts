/** J2: PATCH, Test, LastError, SignalEvent, $select and conditional requests of SuperOffice's REST calls. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api } from '../support/api.ts';
import {
  createWebhook,
  getWebhook,
  superofficeRefusal,
  type Webhook,
  webhook,
  WEBHOOKS,
} from '../support/dialects.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, newTenant } from '../support/tenant.ts';
import { until } from '../support/until.ts';

const MASK = '********';

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  tenant = await newTenant(relay);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

type Members = Readonly<Record<string, unknown>>;

async function made(members: Members = {}): Promise<Webhook> {
  receiver.answerWith({ status: 200 });
  return createWebhook(tenant, webhook(receiver.url, members));
}

function patch(id: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  return tenant.api.request('PATCH', `${WEBHOOKS}/${id}`, body, headers);
}

async function patched(id: number, body: unknown, type = 'application/json'): Promise<Members> {
  const reply = await patch(id, JSON.stringify(body), { 'content-type': type });
  if (reply.status !== 200) throw new Error(`expected 200, got ${reply.status} ${reply.text}`);
  return reply.body as Members;
}

/** Without what each save changes. */
function lasting({ Updated: _, ...members }: Members): Members {
  return members;
}

describe('J2: PATCH', () => {
  test('a merge patch changes what it names and nothing else, and is saved', async () => {
    const before = await made({
      Headers: { 'X-A': 'a' },
      Properties: { Team: 'North', Size: 1 },
      Description: 'd',
    });
    const before2 = { ...before } as unknown as Members;
    const body = { name: 'after', Properties: { size: null, More: [1] }, description: null };
    for (const type of ['application/merge-patch+json', 'application/json', 'text/json; charset=utf-8']) {
      const after = await patched(before.WebhookId, body, type);
      expect(lasting(after)).toEqual(
        lasting({ ...before2, Name: 'after', Properties: { Team: 'North', More: [1] }, Description: null }),
      );
      expect(await getWebhook(tenant, before.WebhookId)).toEqual(after);
    }
  });

  test('operations: path without a slash and in any case, a test that holds, all of them at once', async () => {
    const before = await made();
    const after = await patched(
      before.WebhookId,
      [
        { op: 'test', path: 'name', value: 'Tonys Contact Handler' },
        { op: 'add', path: '/Events/-', value: 'sale.sold' },
        { op: 'remove', path: 'events/0' },
        { op: 'replace', path: 'NAME', value: 'after' },
        { op: 'add', path: '/Properties', value: { a: 1 } },
      ],
      'application/json-patch+json',
    );
    expect(after).toMatchObject({
      Name: 'after',
      Events: ['contact.changed', 'contact.deleted', 'sale.sold'],
      Properties: { a: 1 },
      Secret: MASK,
    });
    expect(await tenant.api.hook(before.WebhookId)).toMatchObject({
      events: ['superoffice.contact.updated', 'superoffice.contact.deleted', 'superoffice.sale.sold'],
    });
  });

  test('a test operation that finds something else is a 409, and nothing is saved', async () => {
    const before = await made();
    const reply = await patch(before.WebhookId, [
      { op: 'replace', path: '/Name', value: 'after' },
      { op: 'test', path: '/State', value: 'Stopped' },
    ]);
    expect(superofficeRefusal(reply)).toEqual(['409 Exception', 'Patch operation 1: State is not as tested']);
    expect(await getWebhook(tenant, before.WebhookId)).toEqual(before);
  });

  test.each([
    ['move', [{ op: 'move', from: '/Name', path: '/Secret' }]],
    ['copy', [{ op: 'copy', from: '/Name', path: '/Secret' }]],
    ['a path to nothing', [{ op: 'remove', path: '/Nothing' }]],
    ['a path beyond a list', [{ op: 'replace', path: '/Events/9', value: 'a.b' }]],
    ['a body that is no patch', 'null'],
    ['no events left', [{ op: 'replace', path: '/Events', value: [] }]],
    ['a header that the relay sets', { Headers: { Host: 'x' } }],
    ['a state that cannot be asked for', { State: 'TooManyErrors' }],
    ['members nested too deep', { Properties: JSON.parse('['.repeat(70) + ']'.repeat(70)) as unknown }],
  ])('%s is a 400, and nothing is saved', async (_name, body) => {
    const before = await made();
    const reply = await patch(before.WebhookId, body);
    expect(superofficeRefusal(reply)[0]).toBe('400 ArgumentException');
    expect(await getWebhook(tenant, before.WebhookId)).toEqual(before);
  });

  test('a body of a hundred thousand levels is a 400 of every call that takes one', async () => {
    const { WebhookId } = await made();
    const deep = `{"Properties":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_001)}`;
    for (const [method, path] of [
      ['POST', WEBHOOKS],
      ['PUT', `${WEBHOOKS}/${WebhookId}`],
      ['PATCH', `${WEBHOOKS}/${WebhookId}`],
      ['POST', `${WEBHOOKS}/Test`],
      ['POST', `${WEBHOOKS}/window.closed/0`],
      ['POST', '/api/v1/Agents/Webhook/SaveWebhook'],
    ] as const) {
      const reply = await tenant.api.request(method, path, deep);
      expect([path, superofficeRefusal(reply)[0]]).toEqual([path, '400 ArgumentException']);
    }
  });

  test('another target is tried out first; of an unknown id it is a 404', async () => {
    const { WebhookId } = await made();
    const tests = receiver.arrivals.length;
    await patched(WebhookId, { Description: 'no need to ask the target' });
    expect(receiver.arrivals).toHaveLength(tests);
    receiver.answerWith({ status: 500 });
    const reply = await patch(WebhookId, { TargetUrl: `${receiver.url}elsewhere` });
    expect(superofficeRefusal(reply)[1]).toContain('got 500');
    expect((await getWebhook(tenant, WebhookId)).TargetUrl).toBe(receiver.url);
    expect(superofficeRefusal(await patch(4242, {}))).toEqual([
      '404 SoNotFoundException',
      'Webhook id 4242 not found',
    ]);
  });

  test('two at once: both land', async () => {
    const { WebhookId } = await made();
    await Promise.all([patched(WebhookId, { Name: 'one' }), patched(WebhookId, { Description: 'two' })]);
    expect(await getWebhook(tenant, WebhookId)).toMatchObject({ Name: 'one', Description: 'two' });
  });
});

describe('J2: conditions', () => {
  const at = (ms: number) => new Date(ms).toUTCString();

  test('If-Unmodified-Since: a 412 when it was saved after that, of PUT and PATCH', async () => {
    const before = (await made()) as Webhook & { Updated: string };
    const updatedMs = Date.parse(before.Updated);
    const path = `${WEBHOOKS}/${before.WebhookId}`;
    for (const method of ['PUT', 'PATCH']) {
      const headers = { 'if-unmodified-since': at(updatedMs - 2000) };
      const reply = await tenant.api.request(method, path, webhook(receiver.url, { Name: 'after' }), headers);
      expect(superofficeRefusal(reply)[0]).toBe('412 Exception');
    }
    expect(await getWebhook(tenant, before.WebhookId)).toEqual(before);
    const since = { 'if-unmodified-since': at(updatedMs) };
    expect((await patch(before.WebhookId, { Name: 'after' }, since)).status).toBe(200);
    expect((await patch(before.WebhookId, { Name: 'b' }, { 'if-unmodified-since': 'some day' })).status).toBe(
      200,
    );
  });

  test('If-Modified-Since: a 304 without a body when nothing of it has changed', async () => {
    const before = (await made()) as Webhook & { Updated: string };
    const get = (ms: number) =>
      tenant.api.request('GET', `${WEBHOOKS}/${before.WebhookId}`, undefined, {
        'if-modified-since': at(ms),
      });
    const updatedMs = Date.parse(before.Updated);
    const unchanged = await get(updatedMs + 1000);
    expect([unchanged.status, unchanged.text]).toEqual([304, '']);
    expect((await get(updatedMs - 1000)).status).toBe(200);
  });
});

describe('J2: $select', () => {
  test('nulls what is not named, in any case, and leaves nothing out', async () => {
    const { WebhookId } = await made();
    const whole = (await getWebhook(tenant, WebhookId)) as unknown as Members;
    const nulled = Object.fromEntries(Object.keys(whole).map((name) => [name, null]));
    const expected = { ...nulled, Name: 'Tonys Contact Handler', State: 'Active' };
    const path = `${WEBHOOKS}/${WebhookId}`;
    expect(await tenant.api.expect(200, 'GET', `${path}?$select=name,%20STATE,department`)).toEqual(expected);
    expect(await tenant.api.expect(200, 'GET', `${path}?%24Select=Name,State`)).toEqual(expected);
    const body = webhook(receiver.url);
    expect(await tenant.api.expect(200, 'PUT', `${path}?$select=Name,State`, body)).toEqual(expected);
    expect(await tenant.api.expect(200, 'PATCH', `${path}?$select=Name,State`, {})).toEqual(expected);
    expect(await tenant.api.expect(200, 'POST', `${WEBHOOKS}?$select=Name,State`, body)).toEqual(expected);
    expect(lasting((await tenant.api.expect(200, 'GET', `${path}?$select=`)) as Members)).toEqual(
      lasting(whole),
    );
  });

  test('of the RPC form: GetWebhook, GetAllWebhooks and TestWebhook', async () => {
    const own = await newTenant(relay);
    const { WebhookId } = await createWebhook(own, webhook(receiver.url));
    const rpc = (method: string, body: unknown) =>
      own.api.expect(200, 'POST', `/api/v1/Agents/Webhook/${method}`, body);
    expect(await rpc(`GetWebhook?webhookid=${WebhookId}&$select=Name`, null)).toMatchObject({
      WebhookId: null,
    });
    expect(await rpc('GetAllWebhooks?$select=WebhookId', {})).toMatchObject([{ WebhookId, Name: null }]);
    const tested = await rpc('TestWebhook?$select=Success', { Webhook: webhook(receiver.url) });
    expect(tested).toEqual({ Success: true, Message: null, TableRight: null, FieldProperties: null });
  });
});

describe('J2: Test and LastError', () => {
  test('Test tells what the target answered; the masks stand for what the saved webhook has', async () => {
    const { WebhookId } = await made({ Headers: { 'X-A': 'a' } });
    receiver.answerWith({ status: 200, body: 'fine' });
    const read = await getWebhook(tenant, WebhookId);
    expect(await tenant.api.expect(200, 'POST', `${WEBHOOKS}/Test`, read)).toEqual({
      Success: true,
      Message: expect.stringMatching(/^HTTP 200\n[^]*fine$/) as string,
      TableRight: null,
      FieldProperties: null,
    });
    const { headers } = receiver.arrivals.at(-1) ?? {};
    expect(headers).toMatchObject({ 'x-a': 'a', 'x-hook-test': 'true' });
    expect(headers).toHaveProperty('x-superoffice-signature');
    for (const answer of [
      { status: 201 },
      { status: 302, headers: { location: '/' } },
      { kind: 'reset' } as const,
    ]) {
      receiver.answerWith(answer);
      const failed = await tenant.api.expect(200, 'POST', `${WEBHOOKS}/Test`, { TargetUrl: receiver.url });
      expect(failed).toMatchObject({ Success: false });
    }
    expect(await getWebhook(tenant, WebhookId)).toEqual(read);
  });

  test('LastError and the statistics follow the attempts; Active after TooManyErrors counts from nothing', async () => {
    const { WebhookId: id } = await made({ Events: ['lamp.lit'] });
    const lastError = () => tenant.api.expect(200, 'GET', `${WEBHOOKS}/${id}/LastError`);
    expect(await lastError()).toBe('');
    receiver.answerWith({ status: 410, headers: { 'x-why': 'moved' }, body: 'gone' });
    await tenant.api.expect(204, 'POST', `${WEBHOOKS}/lamp.lit/1`, {});
    const disabled = (await until(
      () => getWebhook(tenant, id),
      ({ State }) => State === 'TooManyErrors',
    )) as unknown as Members;
    expect(disabled).toMatchObject({ TotalCalls: 1, TotalErrors: 1, ConsecutiveErrors: 1 });
    expect(await lastError()).toMatch(/^HTTP 410\n[^]*x-why: moved\n[^]*\ngone$/);
    expect(await lastError()).toBe(disabled['LastError']);
    expect(superofficeRefusal(await tenant.api.request('GET', `${WEBHOOKS}/4242/LastError`))[0]).toBe(
      '404 SoNotFoundException',
    );
    // A patch that says nothing of the state leaves it; Stopped ends it, and Active goes on from there.
    expect(await patched(id, { Name: 'n' })).toMatchObject({ State: 'TooManyErrors' });
    expect(await patched(id, { State: 'Stopped' })).toMatchObject({ State: 'Stopped', ConsecutiveErrors: 0 });
    expect(await tenant.api.hook(id)).toMatchObject({ state: 'paused', stats: { pending: 1 } });
    receiver.answerWith({ status: 200 });
    expect(await patched(id, { State: 1 })).toMatchObject({ State: 'Active', ConsecutiveErrors: 0 });
    await until(
      async () => (await getWebhook(tenant, id)) as unknown as Members,
      ({ TotalCalls, TotalErrors }) => TotalCalls === 2 && TotalErrors === 1,
    );
  });
});

describe('J2: SignalEvent', () => {
  test('204: the event is in the log at once, and goes to every hook that wants it, numbers unchanged', async () => {
    const own = await newTenant(relay);
    receiver.answerWith({ status: 200 });
    await createWebhook(
      own,
      webhook(receiver.url, { Events: ['Window.Closed'], Properties: { Team: 'North' } }),
    );
    const native = await own.api.createHook({ url: receiver.url, events: ['superoffice.window.*'] });
    const before = receiver.arrivals.length;
    const reply = await own.api.request(
      'POST',
      `/${own.id}${WEBHOOKS}/window.closed/12`,
      '{"width":100.0,"id":9223372036854775808,"EventId":"mine"}',
    );
    expect([reply.status, reply.text]).toEqual([204, '']);
    const [event] = await own.api.pages<Members>('/v1/events');
    expect(event).toMatchObject({
      type: 'superoffice.window.closed',
      source: `/superoffice/${own.id}`,
      subject: 'window/12',
      data: { provider: 'superoffice', sourceId: null, event: 'window.closed', verified: false },
    });
    const arrivals = (await receiver.waitFor(before + 2)).slice(before);
    const texts = arrivals.map(({ body }) => new TextDecoder().decode(body));
    for (const text of texts) expect(text).toContain('"width":100.0,"id":9223372036854775808');
    const told = arrivals.find(({ headers }) => headers['x-superoffice-event'] !== undefined);
    expect(told?.headers['x-superoffice-event']).toBe('window.closed');
    expect(told?.headers['x-superoffice-eventid']).toBe(event?.['id']);
    expect(texts.find((text) => text.includes('"Team":"North"'))).toContain(
      '"WebhookName":"Tonys Contact Handler"',
    );
    expect(arrivals.some(({ headers }) => headers['posthorn-hook'] === String(native.id))).toBe(true);
  });

  test('what was answered 204 is delivered after kill -9', async () => {
    await using other = await startReceiver();
    await using killed = await startRelay();
    const own = await newTenant(killed);
    other.answerWith({ status: 200 });
    await createWebhook(own, webhook(other.url, { Events: ['lamp.lit'] }));
    await own.api.expect(204, 'POST', `${WEBHOOKS}/lamp.lit/7`, {});
    await killed.kill9();
    await killed.restart();
    await other.waitFor((all) => all.some(({ headers }) => headers['x-superoffice-event'] === 'lamp.lit'));
  });

  test.each([
    ['no data', 'lamp.lit', '0', 'null', 204],
    ['an empty object', 'lamp.lit', '-1', '{}', 204],
    ['a name without a verb', 'lamp', '2147483647', '{}', 204],
    ['a list', 'lamp.lit', '0', '[]', 400],
    ['a text', 'lamp.lit', '0', '"x"', 400],
    ['no JSON', 'lamp.lit', '0', '', 400],
    ['a key beyond int32', 'lamp.lit', '2147483648', '{}', 400],
    ['a key that is no number', 'lamp.lit', 'x', '{}', 400],
    ['a name with a comma', 'a.b,c.d', '0', '{}', 400],
    ['a name that is a pattern', '*', '0', '{}', 400],
    ['the test event', 'TEST', '0', '{}', 400],
  ])('%s', async (_name, event, key, body, status) => {
    const reply = await tenant.api.request('POST', `${WEBHOOKS}/${event}/${key}`, body);
    expect(reply.status).toBe(status);
  });

  test('while ingest is paused it is a 503, and nothing is stored', async () => {
    await using own = await startRelay();
    const { api } = await newTenant(own);
    const operator = new Api(own.url, own.adminKey);
    await operator.expect(200, 'PUT', '/v1/switches', { ingest: 'paused' });
    const reply = await until(
      () => api.request('POST', `${WEBHOOKS}/lamp.lit/0`, {}),
      ({ status }) => status === 503,
    );
    expect(reply.headers.get('retry-after')).not.toBeNull();
  });
});
