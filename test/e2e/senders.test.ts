/** Providers as data on the running relay: made, verified, split, answered, and a sender that only its user knows. */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { call, refusal, type Envelope, type Reply, type Source } from '../support/api.ts';
import { startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, accepted, arrive, newTenant } from '../support/tenant.ts';

let relay: Relay;
let tenant: Tenant;
beforeAll(async () => {
  relay = await startRelay();
  tenant = await newTenant(relay);
});
afterAll(() => relay.dispose());

const CUSTOM = {
  verify: [
    {
      scheme: 'hmac',
      digest: 'sha256',
      key: 'text',
      signature: { header: 'x-signature', encoding: 'hex', prefix: 'sha256=' },
      timestamp: { header: 'x-timestamp', unit: 's', toleranceSeconds: 300 },
      message: ['{timestamp}', '.', '{body}'],
    },
  ],
  handshake: [
    { when: { query: 'validationToken' }, reply: { echo: true, contentType: 'text/plain' } },
    { when: { body: '/challenge' }, signed: true, reply: { json: { challenge: '{value}' } } },
  ],
  ignore: [{ when: { header: 'x-event', equals: 'ping' } }],
  event: {
    name: '{/type}',
    id: '{/id}',
    entityId: '{/data/object/id}',
    time: '{/created|s}',
    account: '{/account}',
  },
  actions: { settled: 'paid' },
  answer: { status: 202, refusedStatus: 498, body: 'thank you', contentType: 'text/plain' },
};

function customSource(
  recipe: object = CUSTOM,
  members: Readonly<Record<string, unknown>> = {},
): Promise<Source> {
  return tenant.api.createSource({ provider: 'custom', name: 'shop', recipe, ...members });
}

function send(source: Source, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', source.secret).update(`${timestamp}.${body}`).digest('hex');
  return arrive(source, body, {
    'content-type': 'application/json',
    'x-timestamp': timestamp,
    'x-signature': `sha256=${signature}`,
    ...headers,
  });
}

const order = (members: object = {}) =>
  JSON.stringify({
    id: randomUUID(),
    type: 'order.settled',
    created: 1_767_225_600,
    account: 'acme',
    data: { object: { id: 'o-1' } },
    ...members,
  });

async function onlyEvent(source: Source): Promise<Envelope> {
  const [event, ...others] = await tenant.api.events(`?sourceId=${source.id}`);
  if (event === undefined || others.length > 0) throw new Error('expected one event');
  return event;
}

describe('a sender of one’s own', () => {
  test('is verified, read and answered by its recipe', async () => {
    const source = await customSource();
    const reply = await send(source, order({ id: 'e-1' }));
    expect([reply.status, reply.text, reply.headers.get('content-type')]).toEqual([
      202,
      'thank you',
      'text/plain',
    ]);
    expect(await onlyEvent(source)).toMatchObject({
      id: 'e-1',
      source: '/custom/acme',
      type: 'custom.order.paid',
      subject: 'order/o-1',
      time: '2026-01-01T00:00:00.000Z',
      data: {
        provider: 'custom',
        event: 'order.settled',
        entity: 'order',
        action: 'paid',
        assurance: 'signature',
        verified: true,
        batch: null,
      },
    });
  });

  test('is refused with its own status, in words, when it is not signed', async () => {
    const source = await customSource();
    const reply = await arrive(source, order(), { 'x-timestamp': '1' });
    expect([reply.status, (reply.body as { code: string }).code]).toEqual([498, 'unauthorized']);
    const late = await send(source, order(), { 'x-timestamp': '1767225600' });
    expect(late.status).toBe(498);
    expect(await tenant.api.events(`?sourceId=${source.id}`)).toEqual([]);
  });

  test('greets by GET and POST, signed where it must be, and nothing is stored', async () => {
    const source = await customSource();
    const url = `${source.inboundUrl}?validationToken=Validation%3A%20abc%20%3Cb%3E`;
    for (const method of ['GET', 'POST']) {
      const reply = await call(method, url);
      expect([reply.status, reply.text]).toEqual([200, 'Validation: abc <b>']);
      expect(reply.headers.get('content-type')).toBe('text/plain');
      expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect((await call('GET', source.inboundUrl)).body).toEqual({ status: 'ok' });
    expect((await send(source, '{"challenge":"abc"}')).body).toEqual({ challenge: 'abc' });
    expect((await arrive(source, '{"challenge":"abc"}')).status).toBe(498);
    expect((await call('GET', `${source.inboundUrl}?validationToken=a%0Ab`)).body).toEqual({ status: 'ok' });
    expect(await tenant.api.events(`?sourceId=${source.id}`)).toEqual([]);
  });

  test('may send what is no event: answered, not stored, counted as a test', async () => {
    const source = await customSource();
    expect((await send(source, '{}', { 'x-event': 'ping' })).status).toBe(202);
    expect(await tenant.api.events(`?sourceId=${source.id}`)).toEqual([]);
    const view = await tenant.api.expect(200, 'GET', `/v1/sources/${source.id}`);
    expect(view).toMatchObject({ stats: { tests: 1, accepted: 0 } });
  });

  test('may send what is no JSON: an event all the same', async () => {
    const source = await customSource();
    expect((await send(source, 'plain text', { 'content-type': 'text/plain' })).status).toBe(202);
    const digest = createHash('sha256').update('plain text').digest('base64url');
    expect(await onlyEvent(source)).toMatchObject({
      id: digest,
      type: 'custom.event.received',
      source: `/custom/${source.id}`,
      data: { rawBase64: Buffer.from('plain text').toString('base64'), rawContentType: 'text/plain' },
    });
  });

  test('is shown with its recipe, and a changed recipe counts for the next request', async () => {
    const source = await customSource();
    const path = `/v1/sources/${source.id}`;
    expect(await tenant.api.expect(200, 'GET', path)).toMatchObject({ recipe: CUSTOM, options: {} });
    const recipe = { ...CUSTOM, event: { ...CUSTOM.event, entity: 'sale' } };
    expect(await tenant.api.expect(200, 'PATCH', path, { recipe })).toMatchObject({ recipe });
    await send(source, order());
    expect((await onlyEvent(source)).type).toBe('custom.sale.paid');
  });

  test.each([
    ['no recipe', undefined, '/recipe'],
    ['an unknown member', { ...CUSTOM, loop: true }, '/recipe/loop'],
    ['no verify', { event: CUSTOM.event }, '/recipe/verify'],
    ['no event', { verify: CUSTOM.verify }, '/recipe/event'],
    ['no alternative', { ...CUSTOM, verify: [] }, '/recipe/verify'],
    ['an unknown filter', { ...CUSTOM, event: { name: '{/type|upper}' } }, '/recipe/event/name'],
    ['an unknown part', { ...CUSTOM, event: { name: '{type}' } }, '/recipe/event/name'],
    ['a brace left open', { ...CUSTOM, event: { name: '{/type' } }, '/recipe/event/name'],
    ['a pointer that is none', { ...CUSTOM, split: 'events' }, '/recipe/split'],
    ['a star where there is no split', { ...CUSTOM, event: { name: '{body:/a/*/b}' } }, '/recipe/event/name'],
    [
      'a star elsewhere than in split',
      { ...CUSTOM, split: '/a/*/b', event: { name: '{body:/c/*/b}' } },
      '/recipe/event/name',
    ],
    [
      'a message with a time that there is not',
      { ...CUSTOM, verify: [{ ...CUSTOM.verify[0], timestamp: undefined }] },
      '/recipe/verify/0/timestamp',
    ],
    [
      'none beside another',
      { ...CUSTOM, verify: [...CUSTOM.verify, { scheme: 'none' }] },
      '/recipe/verify/1/scheme',
    ],
    ['basic without a user name', { ...CUSTOM, verify: [{ scheme: 'basic' }] }, '/recipe/verify/0/scheme'],
    ['a status that says it failed', { ...CUSTOM, answer: { status: 500 } }, '/recipe/answer/status'],
    [
      'a page as an answer',
      { ...CUSTOM, answer: { contentType: 'text/html' } },
      '/recipe/answer/contentType',
    ],
    [
      'too much of it',
      {
        ...CUSTOM,
        actions: Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`a${at}`, 'x'.repeat(90)])),
      },
      '/recipe',
    ],
  ])('is a 400 with the path for %s', async (_what, recipe, path) => {
    const reply = await tenant.api.request('POST', '/v1/sources', {
      provider: 'custom',
      name: 'bad',
      recipe,
    });
    expect(refusal(reply)).toBe(`400 invalid ${path}`);
  });

  test('has a secret of its own, or one that is made; an empty one is none', async () => {
    expect((await customSource()).secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect((await customSource(CUSTOM, { secret: 'mine' })).secret).toBe('mine');
    const empty = { provider: 'custom', name: 'x', recipe: CUSTOM, secret: '' };
    const reply = await tenant.api.request('POST', '/v1/sources', empty);
    expect(refusal(reply)).toBe('400 invalid /secret');
    const asymmetric = { ...CUSTOM, verify: [{ ...CUSTOM.verify[0], scheme: 'ed25519', digest: undefined }] };
    const none = await tenant.api.request('POST', '/v1/sources', {
      provider: 'custom',
      name: 'x',
      recipe: asymmetric,
    });
    expect(refusal(none)).toBe('400 invalid /secret');
  });
});

describe('providers of the catalogue', () => {
  test('are listed, and each shows its recipe', async () => {
    const { data } = (await tenant.api.expect(200, 'GET', '/v1/providers')) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'superoffice',
        'deskera',
        'standard-webhooks',
        'stripe',
        'github',
        'hubspot',
        'custom',
      ]),
    );
    expect(data.find(({ id }) => id === 'hubspot')).toMatchObject({
      name: 'HubSpot',
      assurance: 'signature',
      secret: { from: 'provider', label: 'Client secret' },
      batch: true,
      handshake: false,
    });
    expect(await tenant.api.expect(200, 'GET', '/v1/providers/stripe')).toMatchObject({
      id: 'stripe',
      recipe: { verify: [{ scheme: 'hmac' }] },
    });
    expect(await tenant.api.expect(200, 'GET', '/v1/providers/deskera')).toMatchObject({ recipe: null });
    expect((await tenant.api.request('GET', '/v1/providers/none')).status).toBe(404);
    expect((await call('GET', `${relay.url}/v1/providers`)).status).toBe(401);
  });

  test('ask for a secret where they show one, and take no recipe and no option that they do not know', async () => {
    for (const [members, path] of [
      [{ provider: 'stripe' }, '/secret'],
      [{ provider: 'stripe', secret: '' }, '/secret'],
      [{ provider: 'stripe', secret: 'x', recipe: CUSTOM }, '/recipe'],
      [{ provider: 'stripe', secret: 'x', options: { username: 'me' } }, '/options/username'],
    ] as const) {
      const reply = await tenant.api.request('POST', '/v1/sources', { name: 'x', ...members });
      expect(refusal(reply)).toBe(`400 invalid ${path}`);
    }
    expect((await tenant.api.createSource({ provider: 'github', name: 'x' })).secret).toMatch(/^[\w-]{43}$/);
  });

  test('a hundred HubSpot events are a hundred, each with its id and subject, none twice under retries', async () => {
    const receiver = await startReceiver();
    const secret = 'a client secret';
    const source = await tenant.api.createSource({ provider: 'hubspot', name: 'crm', secret });
    const hook = await tenant.api.createHook({ url: receiver.url, sources: [source.id] });
    const items = Array.from({ length: 100 }, (_, at) => ({
      eventId: 1,
      subscriptionId: 2,
      portalId: 62515,
      occurredAt: 1_767_225_600_000 + at,
      subscriptionType: at % 2 === 0 ? 'contact.creation' : 'contact.propertyChange',
      objectId: 9_000 + at,
    }));
    const body = JSON.stringify(items);
    const timestamp = String(Date.now());
    const message = `POST${source.inboundUrl}${body}${timestamp}`;
    const headers = {
      'content-type': 'application/json',
      'x-hubspot-request-timestamp': timestamp,
      'x-hubspot-signature-v3': createHmac('sha256', secret).update(message).digest('base64'),
    };
    const replies = await Promise.all([1, 2, 3].map(() => arrive(source, body, headers)));
    const taken = replies.flatMap(
      (reply) => (accepted(reply) as unknown as { events: { duplicate: boolean }[] }).events,
    );
    expect(taken).toHaveLength(300);
    expect(taken.filter(({ duplicate }) => !duplicate)).toHaveLength(100);
    const arrived = await receiver.waitFor(100);
    const events = arrived.map(({ body: text }) => JSON.parse(text.toString()) as Envelope);
    expect(new Set(events.map(({ id }) => id)).size).toBe(100);
    expect(events.map(({ subject }) => subject)).toEqual(items.map(({ objectId }) => `contact/${objectId}`));
    expect(events.map(({ type }) => type)).toEqual(
      items.map((_, at) => (at % 2 === 0 ? 'hubspot.contact.created' : 'hubspot.contact.updated')),
    );
    expect(events[7]).toMatchObject({
      source: '/hubspot/62515',
      data: { batch: { index: 7, count: 100 }, raw: items[7] },
    });
    expect(hook.id).toBeGreaterThan(0);
    await receiver.close();
  });
});

describe('what a source has refused', () => {
  interface Refused {
    readonly at: string;
    readonly status: number;
    readonly reason: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly bodyExcerpt: string;
    readonly bodyBytes: number;
  }

  async function refusedAt({ id }: Source, query = ''): Promise<Refused[]> {
    const { data } = (await tenant.api.expect(200, 'GET', `/v1/sources/${id}/refusals${query}`)) as {
      data: Refused[];
    };
    return data;
  }

  test('is listed newest first with reason, headers and body, the last twenty', async () => {
    const source = await customSource();
    expect(await refusedAt(source)).toEqual([]);
    for (let at = 0; at < 22; at += 1) {
      const reply = await send(source, order({ type: `order.number-${at}` }), {
        'x-signature': 'sha256=00',
        'x-mine': 'a',
      });
      expect(reply.status).toBe(498);
    }
    await send(source, order());
    const refused = await refusedAt(source);
    expect(refused).toHaveLength(20);
    expect(refused.map(({ bodyExcerpt }) => (JSON.parse(bodyExcerpt) as { type: string }).type)).toEqual(
      Array.from({ length: 20 }, (_, at) => `order.number-${21 - at}`),
    );
    expect(refused[0]).toMatchObject({
      status: 498,
      reason: 'signature',
      headers: { 'x-signature': 'sha256=00', 'x-mine': 'a', 'content-type': 'application/json' },
      bodyBytes: refused[0]?.bodyExcerpt.length,
    });
    expect(await refusedAt(source, '?limit=1')).toEqual(refused.slice(0, 1));
    expect((await tenant.api.request('GET', '/v1/sources/src_none/refusals')).status).toBe(404);
  });

  test('shows 2 KiB of a body, what could not be decoded, and what was too large', async () => {
    const source = await customSource();
    await send(source, `{"long":"${'ä'.repeat(4000)}"}`, { 'x-signature': 'sha256=00' });
    await send(source, 'no gzip', { 'content-encoding': 'gzip' });
    await send(source, 'x', { 'content-encoding': 'zstd' });
    await send(source, 'x'.repeat(1_100_000));
    const [large, unsupported, malformed, long] = await refusedAt(source);
    expect(large).toMatchObject({ status: 413, reason: 'tooLarge', bodyExcerpt: '', bodyBytes: 1_100_000 });
    expect(unsupported).toMatchObject({ status: 415, reason: 'malformed', bodyExcerpt: 'x' });
    expect(malformed).toMatchObject({ status: 400, reason: 'malformed', bodyExcerpt: 'no gzip' });
    expect(long?.bodyBytes).toBe(8011);
    expect(long?.bodyExcerpt).toMatch(/^\{"long":"ä+$/);
    expect(Buffer.byteLength(long?.bodyExcerpt ?? '')).toBeGreaterThan(2040);
  });

  test('shows no secret: not its own, not another token, not its URL', async () => {
    const secret = 'a-secret-token-of-ours';
    const token = await tenant.api.createSource({ provider: 'token-header', name: 't', secret });
    const inUrl = token.inboundUrl.slice(token.inboundUrl.lastIndexOf('/') + 1);
    const login = `Basic ${Buffer.from('somebody:another-password').toString('base64')}`;
    await arrive(token, `{"mine":"${secret}","url":"${inUrl}","login":"another-password"}`, {
      'content-type': 'application/json',
      'x-posthorn-token': 'a-token-that-is-wrong',
      authorization: login,
      cookie: 'session=abcdefgh',
      referer: token.inboundUrl,
    });
    const inBody = await customSource(
      { verify: [{ scheme: 'token', signature: { body: '/token' } }], event: { name: '{/type}' } },
      { secret },
    );
    await arrive(inBody, '{"type":"a","token":"a-token-that-is-wrong"}');
    await arrive(inBody, '{"type":"a","token":"a-token-that-is-wrong"');
    const [refused] = await refusedAt(token);
    const [broken, wrong] = await refusedAt(inBody);
    expect(refused?.headers).toMatchObject({
      authorization: '***',
      cookie: '***',
      'x-posthorn-token': '***',
    });
    expect(refused?.bodyExcerpt).toBe('{"mine":"***","url":"***","login":"***"}');
    expect(wrong?.bodyExcerpt).toBe('{"type":"a","token":"***"}');
    expect(broken?.bodyExcerpt).toBe('');
    const shown = JSON.stringify([refused, broken, wrong]);
    for (const hidden of [secret, inUrl, 'a-token-that-is-wrong', login, 'session=abcdefgh'])
      expect(shown).not.toContain(hidden);
  });
});

test('when the subscription of a source ends can be said and taken back', async () => {
  const made = await tenant.api.createSource({
    provider: 'microsoft-graph',
    name: 'mail',
    secret: 'client-state',
    expiresAt: '2100-01-01T01:00:00+01:00',
  });
  const path = `/v1/sources/${made.id}`;
  expect(await tenant.api.expect(200, 'GET', path)).toMatchObject({ expiresAt: '2100-01-01T00:00:00.000Z' });
  const wrong = await tenant.api.request('PATCH', path, { expiresAt: 'tomorrow' });
  expect(refusal(wrong)).toBe('400 invalid /expiresAt');
  await tenant.api.expect(200, 'PATCH', path, { name: 'post' });
  expect(await tenant.api.expect(200, 'GET', path)).toMatchObject({ expiresAt: '2100-01-01T00:00:00.000Z' });
  expect(await tenant.api.expect(200, 'PATCH', path, { expiresAt: null })).toMatchObject({ expiresAt: null });
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  await tenant.api.expect(200, 'PATCH', path, { expiresAt: soon });
  await vi.waitFor(async () => {
    expect(await tenant.api.events('?type=posthorn.source.expiring')).toMatchObject([
      { subject: `source/${made.id}`, data: { raw: { sourceName: 'post', expiresAt: soon } } },
    ]);
  }, 10_000);
});
