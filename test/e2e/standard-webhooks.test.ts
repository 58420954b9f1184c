/** A source of any Standard Webhooks sender on the running relay: libraries as senders, and a relay that feeds another. */
import { generateKeyPairSync, randomUUID, sign as signBytes } from 'node:crypto';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Reply, type Source, refusal } from '../support/api.ts';
import { startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import {
  type Tenant,
  accepted,
  arrive,
  arriveSigned,
  newTenant,
  superofficeBody,
} from '../support/tenant.ts';
import { verify } from '../support/verify.ts';

let relay: Relay;
let tenant: Tenant;
beforeAll(async () => {
  relay = await startRelay();
  tenant = await newTenant(relay);
});
afterAll(() => relay.dispose());

function newSource(members: Readonly<Record<string, unknown>> = {}): Promise<Source> {
  return tenant.api.createSource({ provider: 'standard-webhooks', name: 'any', ...members });
}

const payload = (members: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({ type: 'invoice.paid', timestamp: '2026-01-01T00:00:00Z', data: { id: 7 }, ...members });

type Sign = (id: string, at: Date, body: string) => string;

interface Sent {
  readonly id?: string;
  readonly at?: Date;
  readonly body?: string;
  readonly path?: string;
}

const now = () => new Date();

function send(source: Source, sign: Sign, sent: Sent = {}): Promise<Reply> {
  const { id = `msg_${randomUUID()}`, at = now(), body = payload(), path = '' } = sent;
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': sign(id, at, body),
  };
  return arrive(source, body, headers, path);
}

const by =
  (secret: string): Sign =>
  (id, at, body) =>
    new StandardWebhook(secret).sign(id, at, body);

function keyPair(): { readonly publicKey: string; readonly sign: Sign } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return {
    publicKey: `whpk_${Buffer.from(x, 'base64url').toString('base64')}`,
    sign: (id, at, body) => {
      const message = `${id}.${String(Math.floor(at.getTime() / 1000))}.${body}`;
      return `v1a,${signBytes(null, Buffer.from(message), privateKey).toString('base64')}`;
    },
  };
}

async function stats(source: Source): Promise<unknown> {
  const view = await tenant.api.expect(200, 'GET', `/v1/sources/${source.id}`);
  return (view as { stats: unknown }).stats;
}

async function countOf(source: Source): Promise<number> {
  return (await tenant.api.events(`?sourceId=${source.id}`)).length;
}

describe('what is signed', () => {
  test.each([
    ['standardwebhooks', StandardWebhook],
    ['svix', SvixWebhook],
  ])(
    'by the library %s with the generated secret is an event, and the text stays',
    async (_name, Webhook) => {
      const source = await newSource();
      expect(source.secret).toMatch(/^whsec_/);
      const body = '{ "data": {"amount":100.0,"id":9007199254740993}, "type":"Invoice.Paid" }';
      const reply = await send(source, (id, at, text) => new Webhook(source.secret).sign(id, at, text), {
        id: 'msg_1',
        body,
      });
      const { id, duplicate } = accepted(reply);
      expect(duplicate).toBe(false);
      expect((await tenant.api.event(id)).event).toMatchObject({
        id: 'msg_1',
        source: `/standard-webhooks/${source.id}`,
        type: 'standard-webhooks.invoice.paid',
        subject: 'invoice/9007199254740993',
        data: { provider: 'standard-webhooks', event: 'Invoice.Paid', verified: true },
      });
      expect((await tenant.api.request('GET', `/v1/events/${id}/raw`)).text).toBe(body);
    },
  );

  test('by a key pair whose public key is the source’s secret is an event', async () => {
    const mine = keyPair();
    const source = await newSource({ secret: mine.publicKey });
    expect(source.secret).toBe(mine.publicKey);
    accepted(await send(source, mine.sign));
    expect(refusal(await send(source, keyPair().sign))).toBe('401 unauthorized');
    expect(refusal(await send(source, by(`whsec_${Buffer.alloc(32).toString('base64')}`)))).toBe(
      '401 unauthorized',
    );
    expect(await countOf(source)).toBe(1);
  });

  test('twice with one id is one event, also when the second try is signed anew', async () => {
    const source = await newSource();
    const first = accepted(await send(source, by(source.secret), { id: 'msg_2' }));
    const later = new Date(Date.now() + 60_000);
    const again = accepted(await send(source, by(source.secret), { id: 'msg_2', at: later }));
    expect(again).toEqual({ ...first, duplicate: true });
    expect(await countOf(source)).toBe(1);
  });

  test('the type may stand in the URL, where the body names none', async () => {
    const source = await newSource();
    const { id } = accepted(
      await send(source, by(source.secret), { body: '{"data":{}}', path: '/order.sent' }),
    );
    expect((await tenant.api.event(id)).event['type']).toBe('standard-webhooks.order.sent');
  });
});

describe('what is refused leaves nothing', () => {
  test('no signature, a wrong one, one of another time: 401, whatever the body is; no event in it: 400', async () => {
    const source = await newSource();
    const sign = by(source.secret);
    const minutes = (count: number) => new Date(Date.now() + count * 60_000);
    for (const reply of [
      await arrive(source, payload()),
      await arrive(source, 'no JSON', { 'webhook-id': 'a' }),
      await send(source, () => ''),
      await send(source, by(`whsec_${Buffer.alloc(32).toString('base64')}`)),
      await send(source, sign, { at: minutes(-6) }),
      await send(source, sign, { at: minutes(6) }),
      await send(source, (id, at) => sign(id, at, 'another body')),
    ]) {
      expect(refusal(reply)).toBe('401 unauthorized');
    }
    expect(refusal(await send(source, sign, { body: 'no JSON' }))).toBe('400 invalid ');
    expect(refusal(await send(source, sign, { body: '{"data":{}}' }))).toBe('400 invalid /type');
    expect(await countOf(source)).toBe(0);
    accepted(await send(source, sign, { at: minutes(-4) }));
    accepted(await send(source, sign, { at: minutes(4) }));
    expect(await stats(source)).toMatchObject({
      accepted: 2,
      rejected: { signature: 7, malformed: 2, tooLarge: 0 },
    });
  });

  test.each(['', 'secret', `whsec_${Buffer.alloc(23).toString('base64')}`, 'whpk_AAAA'])(
    'a secret "%s" is a 400 that names it, at making and at rotating',
    async (secret) => {
      const members = { provider: 'standard-webhooks', name: 'x', secret };
      const made = await tenant.api.request('POST', '/v1/sources', members);
      const source = await newSource();
      const rotated = await tenant.api.request('POST', `/v1/sources/${source.id}/rotate-secret`, { secret });
      for (const reply of [made, rotated]) {
        expect(refusal(reply)).toBe('400 invalid /secret');
        expect(JSON.stringify(reply.body)).toContain('whpk_');
      }
    },
  );
});

test('H11: from a shared secret to a key pair without a gap', async () => {
  const source = await newSource();
  const mine = keyPair();
  const rotate = (members: object) =>
    tenant.api.expect(200, 'POST', `/v1/sources/${source.id}/rotate-secret`, members);
  expect(await rotate({ secret: mine.publicKey })).toEqual({ secret: mine.publicKey });
  accepted(await send(source, by(source.secret)));
  accepted(await send(source, mine.sign));
  const { secret } = (await rotate({ overlapSeconds: 0 })) as { secret: string };
  accepted(await send(source, by(secret)));
  for (const sign of [mine.sign, by(source.secret)]) {
    expect(refusal(await send(source, sign))).toBe('401 unauthorized');
  }
});

test('setup: there is nothing known to call', async () => {
  const source = await newSource();
  expect(await tenant.api.expect(200, 'GET', `/v1/sources/${source.id}/setup`)).toMatchObject({ calls: [] });
});

describe('a relay feeds another', () => {
  test.each(['hmac', 'ed25519', 'both'])('signed by %s, each event once, with its text', async (signing) => {
    await using far = await startRelay();
    await using receiver = await startReceiver();
    const there = await newTenant(far);
    const source = await there.api.createSource({
      provider: 'standard-webhooks',
      name: 'the other relay',
      paths: {
        eventType: '/data/event',
        entityId: '/data/entityId',
        account: '/data/account',
        time: '/time',
      },
    });
    const hook = await tenant.api.createHook({ url: source.inboundUrl, signing });
    const secrets = [hook.secret];
    if (signing !== 'hmac') {
      const key = await tenant.api.expect(200, 'GET', `/v1/hooks/${hook.id}/public-key`);
      secrets.push((key as { publicKey: string }).publicKey);
    }
    for (const secret of secrets) {
      await there.api.expect(200, 'POST', `/v1/sources/${source.id}/rotate-secret`, { secret });
    }
    const last = await there.api.createHook({ url: receiver.url, events: ['standard-webhooks.contact.*'] });

    const crm = await tenant.api.createSource({ provider: 'superoffice', name: 'CRM' });
    const { id } = accepted(await arriveSigned(crm, superofficeBody()));
    const [arrival] = await receiver.waitFor(1);
    if (arrival === undefined) throw new Error('nothing arrived');
    verify(arrival, last.secret);
    const sent = (await tenant.api.event(id)).event;
    expect(JSON.parse(String(arrival.body))).toMatchObject({
      id,
      type: 'standard-webhooks.contact.changed',
      subject: 'contact/994863',
      time: '2018-04-24T07:50:50.6812131Z',
      data: { verified: true, account: 'Cust1234', raw: sent },
    });
    await tenant.api.expect(204, 'DELETE', `/v1/hooks/${hook.id}`);
  });
});
