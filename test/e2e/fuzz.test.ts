/**
 * Bodies that are almost right, at a relay that runs: each answer is one that /openapi.json foresees and never a 500;
 * what was accepted can be read back byte for byte, and what was refused has left nothing.
 */
import { createHmac, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Reply, type Source, call } from '../support/api.ts';
import {
  createWebhook,
  DeskeraClient,
  registration,
  getWebhook,
  listWebhooks,
  webhook,
  WEBHOOKS as PATH,
} from '../support/dialects.ts';
import { fuzz } from '../support/fuzz.ts';
import { mutated, random } from '../support/mutate.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, accepted, arrive, arriveSigned, newTenant } from '../support/tenant.ts';
import { OWN_EVENTS, PATCHES, PAYLOADS, REGISTRATIONS, WEBHOOKS } from '../support/valid-bodies.ts';

const TIMEOUT_MS = 300_000;
const AT_ONCE = 8;

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  tenant = await newTenant(relay);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

function drawn(valid: readonly string[], count: number): Uint8Array[] {
  const bodies = fc.oneof({ weight: 7, arbitrary: mutated(valid) }, { weight: 1, arbitrary: random() });
  return fc.sample(bodies, fuzz(count));
}

interface Sent {
  readonly body: Uint8Array;
  readonly reply: Reply;
}

/** Sends each body; an answer of another status fails with the body that got it. */
async function sendAll(
  bodies: readonly Uint8Array[],
  statuses: readonly number[],
  send: (body: Uint8Array) => Promise<Reply>,
): Promise<Sent[]> {
  const sent: Sent[] = [];
  await inParallel(bodies, async (body) => {
    const shown = Buffer.from(body).toString('base64');
    const reply = await send(body).catch((error: unknown) => {
      throw new Error(`body ${shown}`, { cause: error });
    });
    if (!statuses.includes(reply.status)) throw new Error(`${reply.status} ${reply.text} for body ${shown}`);
    sent.push({ body, reply });
  });
  return sent;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => unknown): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const withStatus = (sent: readonly Sent[], status: number) =>
  sent.filter(({ reply }) => reply.status === status);

async function rawOf(id: string): Promise<Buffer> {
  const headers = { authorization: `Bearer ${tenant.key}` };
  const response = await fetch(`${relay.url}/v1/events/${id}/raw`, { headers });
  return Buffer.from(await response.arrayBuffer());
}

/** As that provider's senders do. */
const ARRIVE: Record<keyof typeof PAYLOADS, (source: Source, body: Uint8Array) => Promise<Reply>> = {
  superoffice: arriveSigned,
  deskera: (source, body) => arrive(source, body, { 'content-type': 'application/json' }),
  'standard-webhooks': (source, body) => {
    const [id, seconds] = [randomUUID(), Math.floor(Date.now() / 1000)];
    const hmac = createHmac('sha256', Buffer.from(source.secret.replace('whsec_', ''), 'base64'));
    return arrive(source, body, {
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': `v1,${hmac.update(`${id}.${seconds}.`).update(body).digest('base64')}`,
    });
  },
};

describe.each(Object.keys(PAYLOADS) as (keyof typeof PAYLOADS)[])('the inbound URL of %s', (provider) => {
  test(
    'keeps each body that it accepts, and nothing of what it refuses',
    async () => {
      const source = await tenant.api.createSource({ provider, name: 'fuzz' });
      const bodies = drawn(PAYLOADS[provider], 600);
      const statuses = provider === 'deskera' ? [200] : [200, 400];
      const sent = await sendAll(bodies, statuses, (body) => ARRIVE[provider](source, body));
      const kept = withStatus(sent, 200).flatMap(({ body, reply }) =>
        (reply.body as { status: string }).status === 'test' ? [] : [{ body, ...accepted(reply) }],
      );
      const fresh = kept.filter(({ duplicate }) => !duplicate);
      expect(fresh.length).toBeGreaterThan(50);
      const listed = await tenant.api.pages<{ posthornid: string }>(
        `/v1/events?sourceId=${source.id}&limit=200`,
      );
      expect(listed.map(({ posthornid }) => posthornid).sort()).toEqual(fresh.map(({ id }) => id).sort());
      await inParallel(fresh, async ({ id, body }) => expect(await rawOf(id)).toEqual(Buffer.from(body)));
      if (provider === 'deskera') return;
      const unsigned = await sendAll(bodies.slice(0, 50), [401], (body) =>
        call('POST', source.inboundUrl, body),
      );
      expect(unsigned).toHaveLength(50);
      expect(await tenant.api.expect(200, 'GET', `/v1/sources/${source.id}`)).toMatchObject({
        stats: {
          accepted: fresh.length,
          duplicates: kept.length - fresh.length,
          rejected: { malformed: withStatus(sent, 400).length, signature: 50, tooLarge: 0 },
        },
      });
    },
    TIMEOUT_MS,
  );
});

test('a registration nested beyond 64 levels is a 400 in every API, and makes nothing', async () => {
  const own = await newTenant(relay);
  const client = new DeskeraClient(relay.url, own.key);
  const json = { 'content-type': 'application/json' };
  const nested = (levels: number, members: object) =>
    JSON.stringify(members).replace('"HERE"', `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
  for (const levels of [64, 3_000, 100_000]) {
    const replies = [
      await own.api.request('POST', PATH, nested(levels, webhook(receiver.url, { Properties: 'HERE' }))),
      await own.api.request('POST', '/v1/hooks', nested(levels, { url: receiver.url, headers: 'HERE' })),
      await client.request(
        'POST',
        '/v1/webhooks/register',
        nested(levels, registration(receiver.url, { more: 'HERE' })),
        json,
      ),
    ];
    expect(replies.map(({ status }) => status)).toEqual([400, 400, 400]);
  }
  expect(await own.api.pages('/v1/hooks')).toEqual([]);
  const body = nested(63, webhook(receiver.url, { Properties: 'HERE' }));
  expect((await own.api.request('POST', PATH, body)).status).toBe(200);
});

test(
  'POST /v1/events keeps each body that it accepts, and nothing of what it refuses',
  async () => {
    const { api } = await newTenant(relay);
    const headers = { 'content-type': 'application/cloudevents+json' };
    const sent = await sendAll(drawn(OWN_EVENTS, 400), [202, 400], (body) =>
      api.request('POST', '/v1/events', body, headers),
    );
    const fresh = withStatus(sent, 202)
      .map(({ reply }) => reply.body as { id: string; duplicate: boolean })
      .filter(({ duplicate }) => !duplicate);
    const listed = await api.pages<{ posthornid: string }>('/v1/events?limit=200');
    expect(fresh.length).toBeGreaterThan(5);
    expect(listed.map(({ posthornid }) => posthornid).sort()).toEqual(fresh.map(({ id }) => id).sort());
  },
  TIMEOUT_MS,
);

test(
  'Deskera’s register makes a hook of each body that it accepts, and nothing of what it refuses',
  async () => {
    const { api, key } = await newTenant(relay);
    const client = new DeskeraClient(relay.url, key);
    const sent = await sendAll(drawn(REGISTRATIONS, 300), [200, 400], (body) =>
      client.request('POST', '/v1/webhooks/register', body, { 'content-type': 'application/json' }),
    );
    const made = withStatus(sent, 200).map(({ reply }) => reply.body as { hookId: number });
    expect(made.length).toBeGreaterThan(10);
    const byId = (a: { hookId: number }, b: { hookId: number }) => a.hookId - b.hookId;
    expect([...(await client.list())].sort(byId)).toEqual(made.sort(byId));
    const hooks = await api.pages<{ id: number }>('/v1/hooks?limit=200&order=asc');
    expect(hooks.map(({ id }) => id)).toEqual(made.map(({ hookId }) => hookId));
  },
  TIMEOUT_MS,
);

describe('SuperOffice’s dialect', () => {
  const json = { 'content-type': 'application/json' };
  const valid = () => WEBHOOKS.map((text) => text.replace('https://www.example.com/hook', receiver.url));

  test(
    'makes a webhook of each body that it accepts, and nothing of what it refuses',
    async () => {
      const own = await newTenant(relay);
      const sent = await sendAll(drawn(valid(), 300), [200, 400], (body) =>
        own.api.request('POST', PATH, body, json),
      );
      const made = withStatus(sent, 200).map(({ reply }) => (reply.body as { WebhookId: number }).WebhookId);
      expect(made.length).toBeGreaterThan(10);
      const listed = (await listWebhooks(own)).map(({ WebhookId }) => WebhookId);
      expect([...listed].sort((a, b) => a - b)).toEqual(made.sort((a, b) => a - b));
    },
    TIMEOUT_MS,
  );

  test(
    'replaces a webhook by each body that it accepts, and leaves it as it was by what it refuses',
    async () => {
      const own = await newTenant(relay);
      const { WebhookId: id } = await createWebhook(own, webhook(receiver.url));
      for (const body of drawn(valid(), 150)) {
        const before = await getWebhook(own, id);
        const [{ reply } = { reply: null }] = await sendAll([body], [200, 400], (bytes) =>
          own.api.request('PUT', `${PATH}/${id}`, bytes, json),
        );
        const after = await getWebhook(own, id);
        expect(after).toEqual(reply?.status === 200 ? reply.body : before);
      }
    },
    TIMEOUT_MS,
  );

  test(
    'patches a webhook by each body that it accepts, and leaves it as it was by what it refuses',
    async () => {
      const own = await newTenant(relay);
      const { WebhookId: id } = await createWebhook(
        own,
        JSON.parse(valid()[0] ?? '') as Record<string, unknown>,
      );
      for (const body of drawn(PATCHES, 150)) {
        const before = await getWebhook(own, id);
        const [{ reply } = { reply: null }] = await sendAll([body], [200, 400, 409], (bytes) =>
          own.api.request('PATCH', `${PATH}/${id}`, bytes, json),
        );
        const after = await getWebhook(own, id);
        expect(after).toEqual(reply?.status === 200 ? reply.body : before);
      }
    },
    TIMEOUT_MS,
  );

  test(
    'saves by RPC what it accepts, and nothing of what it refuses',
    async () => {
      const own = await newTenant(relay);
      const path = '/api/v1/Agents/Webhook/SaveWebhook';
      const sent = await sendAll(drawn(valid(), 150), [200, 400, 404], (body) =>
        own.api.request('POST', path, body, json),
      );
      const saved = withStatus(sent, 200).map(({ reply }) => (reply.body as { WebhookId: number }).WebhookId);
      const listed = (await listWebhooks(own)).map(({ WebhookId }) => WebhookId);
      expect([...listed].sort((a, b) => a - b)).toEqual([...new Set(saved)].sort((a, b) => a - b));
    },
    TIMEOUT_MS,
  );
});
