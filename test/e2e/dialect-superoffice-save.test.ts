/** What SuperOffice's dialect demands of a target before it saves: https, and exactly 200 to a signed test event. */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api } from '../support/api.ts';
import {
  createWebhook,
  getWebhook,
  listWebhooks,
  putWebhook,
  superofficeRefusal,
  webhook,
  WEBHOOKS,
} from '../support/dialects.ts';
import { type Answer, type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { noSamples, sampleJson } from '../support/samples.ts';
import {
  type Tenant,
  accepted,
  arriveSigned,
  newTenant,
  signatureOf,
  superofficeBody,
} from '../support/tenant.ts';
import { until } from '../support/until.ts';
import { verify } from '../support/verify.ts';

const MASK = '********';
const SECRET = 'Something Super Secret';

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.dispose());

async function refused(
  tenant: Tenant,
  members: Readonly<Record<string, unknown>>,
): Promise<readonly [string, string]> {
  return superofficeRefusal(await tenant.api.request('POST', WEBHOOKS, members));
}

/** Nothing was saved, and no id was used up: the next hook is the first. */
async function expectNothingSaved(tenant: Tenant): Promise<void> {
  expect(await listWebhooks(tenant)).toEqual([]);
  expect(await tenant.api.pages('/v1/hooks')).toEqual([]);
  const next = await tenant.api.createHook({ url: 'https://example.com/next' });
  expect(next.id).toBe(1);
}

describe('https', () => {
  test.skipIf(noSamples)('a target without it is refused in the vendor’s words', async () => {
    const tenant = await newTenant(relay);
    const reply = await tenant.api.request('POST', WEBHOOKS, webhook('http://www.example.com'));
    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject(
      sampleJson('superoffice/error_400_targeturl-not-https_npm-test.json') as object,
    );
    await expectNothingSaved(tenant);
  });

  test.each([
    'samplewebhookurl',
    '/hook',
    'ftp://example.com',
    'http://example.com:8080/',
    'javascript:alert(1)',
  ])('%s is refused in the same words', async (url) => {
    const tenant = await newTenant(relay);
    const text = `Webhook TargetUrl must be secure: 'HTTPS:' not found in ${url}`;
    expect(await refused(tenant, webhook(url))).toEqual(['400 ArgumentException', text]);
  });

  test('one that has it and is no target all the same is told why, without its secrets', async () => {
    const tenant = await newTenant(relay);
    for (const url of [
      'https://',
      'https://exa mple.com/?token=hunter2',
      'https://user:hunter2@example.com/',
      'http://user:hunter2@example.com/',
      'ftp://user:hunter2@example.com/',
      'https://8.8.8.8/?token=hunter2',
      'https://example.com:22/?token=hunter2',
    ]) {
      const [status, message] = await refused(tenant, webhook(url));
      expect(status).toBe('400 ArgumentException');
      expect(message).toMatch(/^Webhook TargetUrl/);
      expect(message).not.toContain('hunter2');
    }
    await expectNothingSaved(tenant);
  });

  test('counts on saving again too, and the webhook stays as it was', async () => {
    await using receiver = await startReceiver();
    const tenant = await newTenant(relay);
    const made = await createWebhook(tenant, webhook(receiver.url));
    const path = `${WEBHOOKS}/${made.WebhookId}`;
    const put = await tenant.api.request('PUT', path, webhook('http://www.example.com', { Name: 'new' }));
    expect(superofficeRefusal(put)[1]).toBe(
      "Webhook TargetUrl must be secure: 'HTTPS:' not found in http://www.example.com",
    );
    expect(await getWebhook(tenant, made.WebhookId)).toEqual(made);
  });
});

describe('the test event', () => {
  test('is signed by the webhook’s own Secret, marked, and in the shape of its deliveries', async () => {
    await using receiver = await startReceiver();
    const tenant = await newTenant(relay);
    const made = await createWebhook(
      tenant,
      webhook(receiver.url, {
        Name: 'Bjørn ✅',
        Headers: { 'X-Token': 'mine' },
        Properties: { Custom: 1, event: 'fake' },
      }),
    );
    const [arrival, ...others] = receiver.arrivals;
    if (arrival === undefined) throw new Error('nothing arrived');
    expect(others).toEqual([]);
    expect(arrival.method).toBe('POST');
    expect(arrival.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-hook-test': 'true',
      'x-superoffice-event': 'test',
      'x-superoffice-retry': '0',
      'x-superoffice-signature': signatureOf(arrival.body, SECRET),
      'x-token': 'mine',
      'user-agent': expect.stringMatching(/^Posthorn\//) as unknown,
      'posthorn-tenant': tenant.id,
    });
    expect(arrival.headers).not.toHaveProperty('posthorn-sequence');
    const body = JSON.parse(arrival.body.toString()) as Record<string, unknown>;
    expect(body).toEqual({
      EventId: arrival.headers['x-superoffice-eventid'],
      Timestamp: expect.stringMatching(/Z$/) as unknown,
      Changes: [],
      Event: 'test',
      PrimaryKey: 0,
      Entity: 'test',
      ContextIdentifier: tenant.id,
      ChangedByAssociateId: 0,
      WebhookName: 'Bjørn ✅',
      Custom: 1,
    });
    const { secret } = (await tenant.api.expect(200, 'GET', `/v1/hooks/${made.WebhookId}/secret`)) as {
      secret: string;
    };
    verify(arrival, secret);
    expect(await tenant.api.hook(made.WebhookId)).toMatchObject({
      stats: { pending: 0, delivered: 0, dead: 0 },
    });
  });

  test('without a Secret is not signed in SuperOffice’s way', async () => {
    await using receiver = await startReceiver();
    const tenant = await newTenant(relay);
    for (const Secret of [null, '']) {
      const made = await createWebhook(tenant, webhook(receiver.url, { Secret }));
      expect(made.Secret).toBeNull();
    }
    for (const { headers } of receiver.arrivals) {
      expect(headers).not.toHaveProperty('x-superoffice-signature');
      expect(headers['webhook-signature']).toMatch(/^v1,/);
    }
  });

  test('goes to a webhook that is made stopped as well', async () => {
    await using receiver = await startReceiver({ answer: { status: 500 } });
    const tenant = await newTenant(relay);
    expect((await refused(tenant, webhook(receiver.url, { State: 'Stopped' })))[0]).toBe(
      '400 ArgumentException',
    );
    expect(receiver.arrivals).toHaveLength(1);
  });

  const ANSWERS: readonly (readonly [string, Answer])[] = [
    ['201', { status: 201 }],
    ['204', { status: 204 }],
    ['302', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
    ['400', { status: 400 }],
    ['401', { status: 401 }],
    ['410', { status: 410 }],
    ['500', { status: 500, body: 'secret of the receiver' }],
    ['connection-lost', { kind: 'reset' }],
    ['connection-lost', { kind: 'half-close' }],
    ['connection-lost', { kind: 'garbage' }],
  ];
  test.each(ANSWERS)('%s to it is a 400, and nothing is saved (%j)', async (got, answer) => {
    await using receiver = await startReceiver({ answer });
    const tenant = await newTenant(relay);
    expect(await refused(tenant, webhook(`${receiver.url}hook?token=hunter2`))).toEqual([
      '400 ArgumentException',
      `Webhook TargetUrl must answer the test event with 200 OK: got ${got} from 127.0.0.1:${receiver.port}`,
    ]);
    expect(receiver.arrivals).toHaveLength(1);
    await expectNothingSaved(tenant);
  });

  test('nobody there to answer it is a 400, and nothing is saved', async () => {
    const receiver = await startReceiver();
    await receiver.close();
    const tenant = await newTenant(relay);
    expect((await refused(tenant, webhook(receiver.url)))[1]).toContain('got connection-lost');
    await expectNothingSaved(tenant);
  });

  test('no answer within the time of the webhook is a 400, and nothing is saved', async () => {
    await using receiver = await startReceiver();
    const tenant = await newTenant(relay);
    const made = await createWebhook(tenant, webhook(receiver.url));
    await tenant.api.patchHook(made.WebhookId, { retry: { timeoutSeconds: 1 } });
    receiver.answerWith({ kind: 'hang' });
    const path = `${WEBHOOKS}/${made.WebhookId}`;
    const put = await tenant.api.request('PUT', path, webhook(receiver.url, { Secret: 'another' }));
    expect(superofficeRefusal(put)[1]).toContain('got timeout');
    expect((await getWebhook(tenant, made.WebhookId)).Name).toBe(made.Name);
  });

  test('a 200 whose body breaks off is a 200', async () => {
    await using receiver = await startReceiver({ answer: { kind: 'flood', bodyBytes: 1_000_000 } });
    expect(await createWebhook(await newTenant(relay), webhook(receiver.url))).toMatchObject({
      State: 'Active',
    });
  });

  test('a caller that goes away meanwhile leaves nothing half-made', async () => {
    const arrived = Promise.withResolvers<undefined>();
    const answered = Promise.withResolvers<undefined>();
    await using receiver = await startReceiver({
      answer: async () => {
        arrived.resolve(undefined);
        await answered.promise;
        return { status: 200 };
      },
    });
    const tenant = await newTenant(relay);
    const body = JSON.stringify(webhook(receiver.url));
    const { hostname, port } = new URL(relay.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      [
        `POST ${WEBHOOKS} HTTP/1.1`,
        'host: relay',
        `authorization: Bearer ${tenant.key}`,
        'content-type: application/json',
        `content-length: ${body.length}`,
        '',
        body,
      ].join('\r\n'),
    );
    await arrived.promise;
    socket.destroy();
    answered.resolve(undefined);
    const saved = await listWebhooks(tenant);
    expect(saved.length).toBeLessThanOrEqual(1);
    for (const { WebhookId } of saved)
      expect(await tenant.api.hook(WebhookId)).toMatchObject({ state: 'active' });
  });

  test('while the operator has paused delivery it is a 503, nothing is sent and nothing saved', async () => {
    await using receiver = await startReceiver();
    const tenant = await newTenant(relay);
    const operator = new Api(relay.url, relay.adminKey);
    await operator.expect(200, 'PUT', '/v1/switches', { delivery: 'paused' });
    try {
      const reply = await tenant.api.request('POST', WEBHOOKS, webhook(receiver.url));
      expect(superofficeRefusal(reply)[0]).toBe('503 Exception');
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await operator.expect(200, 'PUT', '/v1/switches', { delivery: 'open' });
    }
    expect(receiver.arrivals).toEqual([]);
    await expectNothingSaved(tenant);
  });
});

describe('saving again', () => {
  interface Saved {
    readonly tenant: Tenant;
    readonly receiver: Receiver;
    readonly id: number;
    readonly members: Readonly<Record<string, unknown>>;
  }

  async function saved(more: Readonly<Record<string, unknown>> = {}): Promise<Saved & AsyncDisposable> {
    const receiver = await startReceiver();
    const tenant = await newTenant(relay);
    const members = webhook(receiver.url, { Headers: { 'X-Token': 'one' }, ...more });
    const { WebhookId } = await createWebhook(tenant, members);
    return { tenant, receiver, id: WebhookId, members, [Symbol.asyncDispose]: () => receiver.close() };
  }

  test.each([
    ['TargetUrl', (url: string) => ({ TargetUrl: `${url}other` })],
    ['Secret', () => ({ Secret: 'another' })],
    ['Secret, removed', () => ({ Secret: null })],
    ['a header', () => ({ Headers: { 'X-Token': 'two' } })],
    ['the headers, removed', () => ({ Headers: null })],
  ])('%s: tries the target out, with what is new', async (_what, change) => {
    await using hook = await saved();
    const { tenant, receiver, id, members } = hook;
    await putWebhook(tenant, id, { ...members, ...change(receiver.url) });
    expect(receiver.arrivals).toHaveLength(2);
    expect(receiver.arrivals[1]?.headers).toMatchObject({
      'x-hook-test': 'true',
      'posthorn-hook': String(id),
    });
  });

  test('the new Secret signs the test, the new headers come along', async () => {
    await using hook = await saved();
    const { tenant, receiver, id, members } = hook;
    await putWebhook(tenant, id, {
      ...members,
      Secret: 'another',
      Headers: { 'X-Token': MASK, 'X-New': 'n' },
    });
    const [, arrival] = receiver.arrivals;
    if (arrival === undefined) throw new Error('not tried out');
    expect(arrival.headers).toMatchObject({
      'x-superoffice-signature': signatureOf(arrival.body, 'another'),
      'x-token': 'one',
      'x-new': 'n',
    });
  });

  test('anything else does not', async () => {
    await using hook = await saved();
    const { tenant, receiver, id, members } = hook;
    for (const change of [
      {},
      { Name: 'new' },
      { Events: ['sale.sold'] },
      { Properties: { a: 1 } },
      { ErrorsEmail: 'a@example.com' },
      { Secret: MASK },
      { Headers: { 'x-token': MASK } },
      { State: 'Stopped' },
    ]) {
      await putWebhook(tenant, id, { ...members, ...change });
      if ('State' in change) break;
      expect(receiver.arrivals).toHaveLength(1);
    }
    await putWebhook(tenant, id, { ...members, State: 'Stopped', Name: 'still stopped' });
    expect(receiver.arrivals).toHaveLength(1);
  });

  test('a failed test leaves everything as it was', async () => {
    await using hook = await saved();
    const { tenant, receiver, id, members } = hook;
    const before = await getWebhook(tenant, id);
    receiver.answerWith({ status: 204 });
    const put = await tenant.api.request('PUT', `${WEBHOOKS}/${id}`, {
      ...members,
      Name: 'new',
      Secret: 'another',
    });
    expect(superofficeRefusal(put)[0]).toBe('400 ArgumentException');
    expect(await getWebhook(tenant, id)).toEqual(before);
  });

  test('the masks keep Secret and headers; null and an empty one remove the Secret', async () => {
    await using hook = await saved();
    const { tenant, receiver, id, members } = hook;
    const masked = await putWebhook(tenant, id, { ...members, Secret: MASK, Headers: { 'X-Token': MASK } });
    expect(masked).toMatchObject({ Secret: MASK, Headers: { 'X-Token': MASK } });
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 's' });
    await arriveSigned(source, superofficeBody());
    const [, delivery] = await receiver.waitFor(2);
    if (delivery === undefined) throw new Error('nothing arrived');
    expect(delivery.headers).toMatchObject({
      'x-token': 'one',
      'x-superoffice-signature': signatureOf(delivery.body, SECRET),
    });
    expect((await putWebhook(tenant, id, { ...members, Secret: '' })).Secret).toBeNull();
    expect((await putWebhook(tenant, id, { ...members, Secret: 's'.repeat(400) })).Secret).toBe(MASK);
    expect((await putWebhook(tenant, id, { ...members, Secret: null })).Secret).toBeNull();
    const tooLong = await tenant.api.request('PUT', `${WEBHOOKS}/${id}`, {
      ...members,
      Secret: 'x'.repeat(401),
    });
    expect(superofficeRefusal(tooLong)[1]).toBe(
      'Webhook Secret: expected text of at most 400 characters, got 401',
    );
  });

  test('Stopped holds deliveries, natively paused; Active tries the target out and lets them go', async () => {
    await using hook = await saved();
    const { tenant, receiver, id, members } = hook;
    expect(await putWebhook(tenant, id, { ...members, State: 'Stopped' })).toMatchObject({
      State: 'Stopped',
    });
    expect(await tenant.api.hook(id)).toMatchObject({ state: 'paused', paused: true });
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 's' });
    const { id: eventId } = accepted(await arriveSigned(source, superofficeBody()));
    await until(
      () => tenant.api.explain(eventId, id),
      ({ status }) => status === 'held',
    );
    expect(await putWebhook(tenant, id, { ...members, State: 1 })).toMatchObject({ State: 'Active' });
    const arrivals = await receiver.waitFor(3);
    expect(arrivals.map(({ headers }) => headers['x-superoffice-event'])).toEqual([
      'test',
      'test',
      'contact.changed',
    ]);
    expect(await tenant.api.hook(id)).toMatchObject({ state: 'active', paused: false });
  });

  test('a native pause is Stopped here, and a native resume Active', async () => {
    await using hook = await saved();
    const { tenant, id } = hook;
    await tenant.api.expect(200, 'POST', `/v1/hooks/${id}/pause`);
    expect((await getWebhook(tenant, id)).State).toBe('Stopped');
    await tenant.api.expect(200, 'POST', `/v1/hooks/${id}/resume`);
    expect((await getWebhook(tenant, id)).State).toBe('Active');
  });

  test('TooManyErrors: a 410 makes it, saving it keeps it, Active tries out and counts from nothing', async () => {
    await using hook = await saved();
    const { tenant, receiver, id, members } = hook;
    receiver.answerWith({ status: 410 });
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 's' });
    const EventId = randomUUID();
    await arriveSigned(source, superofficeBody({ EventId }));
    await until(
      () => getWebhook(tenant, id),
      ({ State }) => State === 'TooManyErrors',
    );
    expect(await tenant.api.hook(id)).toMatchObject({
      state: 'disabled',
      stateReason: 'gone',
      stats: { pending: 1, consecutiveFailures: 1 },
    });
    expect(await listWebhooks(tenant, '?statusFilter=toomanyerrors')).toHaveLength(1);
    expect(await listWebhooks(tenant, '?statusFilter=Active')).toEqual([]);

    const requests = receiver.arrivals.length;
    const read = { ...(await getWebhook(tenant, id)), Name: 'changed elsewhere' };
    expect(await putWebhook(tenant, id, read)).toMatchObject({
      State: 'TooManyErrors',
      Name: 'changed elsewhere',
    });
    expect(await putWebhook(tenant, id, { ...read, State: 3 })).toMatchObject({ State: 'TooManyErrors' });
    expect(receiver.arrivals).toHaveLength(requests);

    const refusal = await tenant.api.request('PUT', `${WEBHOOKS}/${id}`, { ...members, State: 'Active' });
    expect(superofficeRefusal(refusal)[1]).toContain('got 410');
    expect((await getWebhook(tenant, id)).State).toBe('TooManyErrors');

    receiver.answerWith({ status: 200 });
    expect(await putWebhook(tenant, id, { ...members, State: 'Active' })).toMatchObject({ State: 'Active' });
    expect(await tenant.api.hook(id)).toMatchObject({
      state: 'active',
      stateReason: null,
      stats: { consecutiveFailures: 0 },
    });
    await receiver.waitFor(
      (all) => all.filter(({ headers }) => headers['x-superoffice-eventid'] === EventId).length === 2,
    );
    const again = await tenant.api.request('PUT', `${WEBHOOKS}/${id}`, {
      ...members,
      State: 'TooManyErrors',
    });
    expect(superofficeRefusal(again)[1]).toBe('Webhook State: expected Active or Stopped, got TooManyErrors');
  });

  test('a disabled one that is stopped and then set active sends again', async () => {
    await using hook = await saved();
    const { tenant, receiver, id, members } = hook;
    receiver.answerWith({ status: 410 });
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 's' });
    await arriveSigned(source, superofficeBody());
    await until(
      () => getWebhook(tenant, id),
      ({ State }) => State === 'TooManyErrors',
    );
    receiver.answerWith({ status: 200 });
    expect(await putWebhook(tenant, id, { ...members, State: 'Stopped' })).toMatchObject({
      State: 'Stopped',
    });
    expect(await tenant.api.hook(id)).toMatchObject({ state: 'paused', stats: { consecutiveFailures: 0 } });
    expect(await putWebhook(tenant, id, { ...members, State: 'Active' })).toMatchObject({ State: 'Active' });
    await receiver.waitFor(4);
  });
});
