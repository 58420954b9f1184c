/** What a webhook of SuperOffice's dialect gets: the vendor's body and headers, told in its own name and signed by its own Secret. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Source } from '../support/api.ts';
import { createWebhook, webhook } from '../support/dialects.ts';
import { type Arrival, type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { sampleBytes, sampleJson, samplePaths } from '../support/samples.ts';
import {
  type Tenant,
  accepted,
  arrive,
  arriveSigned,
  newTenant,
  ownEvent,
  signatureOf,
  superofficeBody,
} from '../support/tenant.ts';
import { verify } from '../support/verify.ts';

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.dispose());

interface Setting extends AsyncDisposable {
  readonly tenant: Tenant;
  readonly receiver: Receiver;
  readonly source: Source;
  readonly id: number;
  readonly secret: string;
  /** All that arrived but the tests, once there are so many. */
  deliveries(count: number): Promise<readonly Arrival[]>;
}

async function setting(members: Readonly<Record<string, unknown>> = {}): Promise<Setting> {
  const receiver = await startReceiver();
  const tenant = await newTenant(relay);
  const source = await tenant.api.createSource({ provider: 'superoffice', name: 'CRM' });
  const { WebhookId: id } = await createWebhook(tenant, webhook(receiver.url, members));
  const { secret } = (await tenant.api.expect(200, 'GET', `/v1/hooks/${id}/secret`)) as { secret: string };
  const real = (all: readonly Arrival[]) => all.filter(({ headers }) => headers['x-hook-test'] !== 'true');
  return {
    tenant,
    receiver,
    source,
    id,
    secret,
    deliveries: async (count) => real(await receiver.waitFor((all) => real(all).length >= count)),
    [Symbol.asyncDispose]: () => receiver.close(),
  };
}

/** The message of the vendor's page, in its own layout. */
const PAGE_BODY = `{
  "EventId": "8337ae4a-1dd6-40fd-8dc7-a050664a0af7",
  "Timestamp": "2018-04-24T07:50:50.6812131Z",
  "Changes": [
    "contact_id",
    "associate_id",
    "department",
    "updated_associate_id",
    "updated",
    "updatedCount"
  ],
  "Event": "contact.changed",
  "PrimaryKey": 994863,
  "Entity": "contact",
  "ContextIdentifier": "Cust1234",
  "ChangedByAssociateId": 316,
  "WebhookName":"Name you provided"
}`;

/** Its delete event, which has no EventId. */
const PAGE_DELETE = `{
  "Timestamp": "2018-04-24T07:50:50.6812131Z",
  "Values": {
    "sale_id": 994863,
    "contact_id": 43,
    "person_id": 64,
    "project_id": 178105
  },
  "Event": "sale.deleted",
  "PrimaryKey": 994863,
  "Entity": "sale",
  "ContextIdentifier": "Cust1234",
  "ChangedByAssociateId": 316,
  "WebhookName":"Name you provided"
}`;

describe('J7: a delivery', () => {
  test('is the page’s message with the webhook’s own name, and the vendor’s headers', async () => {
    await using hook = await setting({ Headers: { 'X-Token': 'mine' } });
    const { id: eventId } = accepted(await arriveSigned(hook.source, PAGE_BODY));
    const [arrival] = await hook.deliveries(1);
    if (arrival === undefined) throw new Error('nothing arrived');
    expect(arrival.method).toBe('POST');
    expect(JSON.parse(arrival.body.toString())).toEqual({
      ...(JSON.parse(PAGE_BODY) as object),
      WebhookName: 'Tonys Contact Handler',
    });
    expect(arrival.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-superoffice-event': 'contact.changed',
      'x-superoffice-eventid': '8337ae4a-1dd6-40fd-8dc7-a050664a0af7',
      'x-superoffice-retry': '0',
      'x-superoffice-signature': signatureOf(arrival.body, 'Something Super Secret'),
      'x-token': 'mine',
      'webhook-id': eventId,
      'posthorn-tenant': hook.tenant.id,
      'posthorn-hook': String(hook.id),
      'posthorn-attempt': '1',
      'posthorn-sequence': '1',
    });
    expect(arrival.headers).not.toHaveProperty('x-hook-test');
    verify(arrival, hook.secret);
  });

  test('of the page’s delete event has its Values, and an EventId in the header alone', async () => {
    await using hook = await setting({ Events: ['sale.deleted'] });
    accepted(await arriveSigned(hook.source, PAGE_DELETE));
    const [arrival] = await hook.deliveries(1);
    const body = JSON.parse(String(arrival?.body)) as object;
    expect(body).toEqual({ ...(JSON.parse(PAGE_DELETE) as object), WebhookName: 'Tonys Contact Handler' });
    expect(arrival?.headers['x-superoffice-eventid']).toMatch(/^[\w-]{43}$/);
  });

  test('without a Secret is not signed in the vendor’s way, but by the Standard Webhooks headers', async () => {
    await using hook = await setting({ Secret: null });
    accepted(await arriveSigned(hook.source, superofficeBody()));
    const [arrival] = await hook.deliveries(1);
    if (arrival === undefined) throw new Error('nothing arrived');
    expect(arrival.headers).not.toHaveProperty('x-superoffice-signature');
    verify(arrival, hook.secret);
  });

  test('a Secret counts by its UTF-8 bytes', async () => {
    await using hook = await setting({ Secret: 'sëcret–🔑' });
    accepted(await arriveSigned(hook.source, superofficeBody()));
    const [arrival] = await hook.deliveries(1);
    expect(arrival?.headers['x-superoffice-signature']).toBe(signatureOf(arrival?.body ?? '', 'sëcret–🔑'));
  });

  test('retried: Retry counts from 0, EventId, id and body stay, each is signed', async () => {
    await using hook = await setting();
    await hook.tenant.api.patchHook(hook.id, { retry: { scheduleSeconds: [1, 1], jitter: 0 } });
    hook.receiver.answerWith({ status: 500 });
    const EventId = randomUUID();
    const { id } = accepted(await arriveSigned(hook.source, superofficeBody({ EventId })));
    await hook.deliveries(1);
    hook.receiver.answerWith({ status: 200 });
    const arrivals = await hook.deliveries(2);
    const seen = (name: string) => arrivals.map(({ headers }) => headers[name]);
    expect(seen('x-superoffice-retry')).toEqual(['0', '1']);
    expect(seen('posthorn-attempt')).toEqual(['1', '2']);
    expect(seen('x-superoffice-eventid')).toEqual([EventId, EventId]);
    expect(seen('webhook-id')).toEqual([id, id]);
    expect(arrivals[0]?.body.equals(arrivals[1]?.body ?? Buffer.alloc(0))).toBe(true);
    for (const arrival of arrivals) {
      expect(arrival.headers['x-superoffice-signature']).toBe(
        signatureOf(arrival.body, 'Something Super Secret'),
      );
      verify(arrival, hook.secret);
    }
  });

  test('has the Properties, which override no member of SuperOffice’s in any case of letters', async () => {
    await using hook = await setting({
      Properties: {
        Custom: { deep: [1, null, 'ü'] },
        eventid: 'fake',
        EVENT: 'fake',
        PrimaryKey: -1,
        Values: 'fake',
        FieldValues: 'fake',
        webhookname: 'fake',
      },
    });
    const sent = superofficeBody({ Custom: 'theirs' });
    accepted(await arriveSigned(hook.source, sent));
    const [arrival] = await hook.deliveries(1);
    expect(JSON.parse(String(arrival?.body))).toEqual({
      ...(JSON.parse(sent) as object),
      WebhookName: 'Tonys Contact Handler',
      Custom: { deep: [1, null, 'ü'] },
    });
    expect(String(arrival?.body)).not.toContain('fake');
  });

  test('keeps number texts and escapes as the provider wrote them', async () => {
    await using hook = await setting();
    const sent =
      '{"Event":"contact.changed","Entity":"contact","PrimaryKey":9223372036854775807,"x":100.0,"y":"\\u00e9\\/"}';
    accepted(await arriveSigned(hook.source, sent));
    const [arrival] = await hook.deliveries(1);
    expect(String(arrival?.body)).toBe(`${sent.slice(0, -1)},"WebhookName":"Tonys Contact Handler"}`);
  });

  test('of every sample differs from it in the name alone', async () => {
    const paths = samplePaths(/superoffice\/delivery_/).filter(
      (path) => !path.endsWith('delivery_test.json'),
    );
    const names = paths.map((path) => (sampleJson(path) as { Event: string }).Event);
    await using hook = await setting({ Events: [...new Set(names)] });
    const bodies = new Map<string, unknown>();
    for (const path of paths) {
      const reply = accepted(await arriveSigned(hook.source, sampleBytes(path)));
      if (!reply.duplicate) bodies.set(reply.id, sampleJson(path));
    }
    const arrivals = await hook.deliveries(bodies.size);
    for (const { headers, body } of arrivals) {
      const sample = bodies.get(String(headers['webhook-id']));
      expect(JSON.parse(body.toString())).toEqual({
        ...(sample as object),
        WebhookName: 'Tonys Contact Handler',
      });
      expect(headers['x-superoffice-event']).toBe((sample as { Event: string }).Event);
    }
    expect(arrivals).toHaveLength(bodies.size);
  });
});

describe('which events', () => {
  test('those of its names only, in any case of letters', async () => {
    await using hook = await setting({ Events: ['Sale.Sold', 'list.110.created', 'webhook12.errors'] });
    for (const [Event, Entity] of [
      ['contact.changed', 'contact'],
      ['sale.sold', 'sale'],
      ['sale.lost', 'sale'],
      ['list.110.created', 'list.110'],
      ['list.111.created', 'list.111'],
      ['webhook.errors', undefined],
    ]) {
      accepted(await arriveSigned(hook.source, superofficeBody({ Event, Entity, PrimaryKey: 12 })));
    }
    const arrivals = await hook.deliveries(3);
    expect(arrivals.map(({ headers }) => headers['x-superoffice-event']).sort()).toEqual([
      'list.110.created',
      'sale.sold',
      'webhook.errors',
    ]);
  });

  test('a test event of the provider goes nowhere', async () => {
    await using hook = await setting({ Events: ['test', 'contact.changed'] });
    expect((await arriveSigned(hook.source, superofficeBody({ Event: 'test' }))).body).toEqual({
      status: 'test',
    });
    accepted(await arriveSigned(hook.source, superofficeBody()));
    const [first] = await hook.deliveries(1);
    expect(first?.headers['x-superoffice-event']).toBe('contact.changed');
  });
});

describe('events of another origin, in a native hook of format superoffice', () => {
  test('are told in SuperOffice’s words where it has words; else skipped, with reason format', async () => {
    await using receiver = await startReceiver();
    const tenant = await newTenant(relay);
    const hook = await tenant.api.createHook({ name: 'mine', url: receiver.url, format: 'superoffice' });
    const deskera = await tenant.api.createSource({
      provider: 'deskera',
      name: 'ERP',
      paths: { account: '/tenantId' },
    });
    const record = '{"id":120227,"tenantId":"116903","name":"Oak & Sons"}';
    const theirs = accepted(await arrive(deskera, record, {}, '/CREATE_CONTACT'));
    const unsayable = [
      accepted(await arrive(deskera, '{"id":1}', {}, '/CREATE_PRODUCTS')),
      accepted(await arrive(deskera, '{"id":"a1"}', {}, '/CREATE_CONTACT')),
      await tenant.api.publish(ownEvent({ type: 'superoffice.window.closed' })),
      await tenant.api.publish(ownEvent({ type: 'com.example.contact.created' })),
    ];
    const own = await tenant.api.publish(
      ownEvent({ id: 'o-1', type: 'shop.sale.sold', subject: 'sale/7', time: '2026-01-01T02:00:00+02:00' }),
    );
    const bare = await tenant.api.publish(ownEvent({ type: 'person.updated' }));
    const superoffice = await tenant.api.createSource({ provider: 'superoffice', name: 'CRM' });
    const real = accepted(await arriveSigned(superoffice, superofficeBody()));
    const arrivals = await receiver.waitFor(4);
    for (const arrival of arrivals) verify(arrival, hook.secret);
    const told = new Map(
      arrivals.map(({ headers, body }) => [
        headers['webhook-id'],
        { headers, body: JSON.parse(String(body)) as Record<string, unknown> },
      ]),
    );
    expect([...told.keys()].sort()).toEqual([theirs.id, own.id, bare.id, real.id].sort());

    const envelope = (await tenant.api.event(theirs.id)).event;
    expect(told.get(theirs.id)?.body).toEqual({
      EventId: envelope['id'],
      Timestamp: envelope['time'],
      Changes: [],
      Event: 'contact.created',
      PrimaryKey: 120227,
      Entity: 'contact',
      ContextIdentifier: '116903',
      ChangedByAssociateId: 0,
      WebhookName: 'mine',
    });
    expect(told.get(theirs.id)?.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-superoffice-event': 'contact.created',
      'x-superoffice-eventid': envelope['id'],
      'x-superoffice-retry': '0',
    });
    expect(told.get(own.id)?.body).toMatchObject({
      EventId: 'o-1',
      Timestamp: '2026-01-01T00:00:00.000Z',
      Event: 'sale.sold',
      PrimaryKey: 7,
      ContextIdentifier: tenant.id,
    });
    const recorded = (await tenant.api.event(bare.id)).event['recordedtime'];
    expect(told.get(bare.id)?.body).toMatchObject({
      Event: 'person.changed',
      PrimaryKey: 0,
      Timestamp: recorded,
    });
    for (const { id } of unsayable) {
      expect(await tenant.api.explain(id, hook.id)).toMatchObject({ status: 'skipped', reason: 'format' });
      expect((await tenant.api.event(id)).deliveries).toEqual([]);
    }
  });

  test('a webhook of the dialect gets what is of SuperOffice’s types, and nothing of Deskera’s', async () => {
    await using hook = await setting({ Events: ['contact.created'] });
    const deskera = await hook.tenant.api.createSource({ provider: 'deskera', name: 'ERP' });
    const theirs = accepted(await arrive(deskera, '{"id":1}', {}, '/CREATE_CONTACT'));
    accepted(await arriveSigned(hook.source, superofficeBody({ Event: 'contact.created' })));
    const [first] = await hook.deliveries(1);
    expect(JSON.parse(String(first?.body))).toMatchObject({ PrimaryKey: 994863 });
    const explained = await hook.tenant.api.explain(theirs.id, hook.id);
    expect(explained).toMatchObject({ status: 'skipped', reason: 'pattern' });
  });
});

describe('the native test call', () => {
  test('sends a test event in the vendor’s shape', async () => {
    await using hook = await setting();
    const result = await hook.tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/test`);
    expect(result).toMatchObject({ delivered: true, statusCode: 200 });
    const arrival = hook.receiver.arrivals.at(-1);
    expect(hook.receiver.arrivals).toHaveLength(2);
    expect(arrival?.headers).toMatchObject({
      'x-hook-test': 'true',
      'x-superoffice-event': 'test',
      'x-superoffice-signature': signatureOf(arrival?.body ?? '', 'Something Super Secret'),
    });
    expect(JSON.parse(String(arrival?.body))).toMatchObject({
      Event: 'test',
      WebhookName: 'Tonys Contact Handler',
    });
  });
});
