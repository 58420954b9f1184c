/** CloudEvents in all three modes, from the SDK and by hand, to a source and to POST /v1/events. */
import { CloudEvent, HTTP } from 'cloudevents';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, refusal, type Reply, type Source } from '../support/api.ts';
import { startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, accepted, arrive, newTenant, ownEvent } from '../support/tenant.ts';

const BATCH = { 'content-type': 'application/cloudevents-batch+json' };

let relay: Relay;
let tenant: Tenant;
beforeAll(async () => {
  relay = await startRelay();
  tenant = await newTenant(relay);
});
afterAll(() => relay.dispose());

const newSource = (members: object = {}): Promise<Source> =>
  tenant.api.createSource({ provider: 'cloudevents', name: 'mesh', ...members });

let made = 0;
function cloudEvent(): CloudEvent<object> {
  made += 1;
  return new CloudEvent({
    id: `ce-${made}`,
    source: 'https://example.com/orders?a=1',
    type: 'Com.Example.Order.PAID',
    subject: 'orders/7 ä',
    time: '2020-01-02T03:04:05.678Z',
    averylongextensionname: 'kept',
    data: { total: 100 },
  });
}

/** As the SDK writes it. */
function written(mode: 'binary' | 'structured', event: CloudEvent<object>) {
  const { headers, body } = HTTP[mode](event);
  return { headers: headers as Record<string, string>, body: body as string };
}

const KEPT = {
  source: 'https://example.com/orders?a=1',
  type: 'Com.Example.Order.PAID',
  time: '2020-01-02T03:04:05.678Z',
  averylongextensionname: 'kept',
  data: { total: 100 },
};

describe('a source', () => {
  test.each(['binary', 'structured'] as const)('keeps an event of the SDK in %s mode', async (mode) => {
    const source = await newSource();
    const event = cloudEvent();
    const { headers, body } = written(
      mode,
      mode === 'binary' ? event.cloneWith({ subject: 'orders/7' }) : event,
    );
    const { id } = accepted(await arrive(source, body, headers));
    const { event: kept } = await tenant.api.event(id);
    const subject = mode === 'binary' ? 'orders/7' : 'orders/7 ä';
    expect(kept).toMatchObject({ ...KEPT, id: event.id, subject, posthornid: id });
    expect(accepted(await arrive(source, body, headers))).toMatchObject({ id, duplicate: true });
    expect((await tenant.api.request('GET', `/v1/events/${id}/raw`)).text).toBe(body);
    expect((await tenant.api.events(`?sourceId=${source.id}`)).map(({ posthornid }) => posthornid)).toEqual([
      id,
    ]);
    const other = await newSource();
    expect(accepted(await arrive(other, body, headers))).toMatchObject({ duplicate: false });
  });

  test('takes a batch whole or not at all, and an event of it is delivered as it came', async () => {
    const receiver = await startReceiver();
    const source = await newSource();
    await tenant.api.createHook({ url: receiver.url, sources: [source.id], format: 'binary' });
    const events = [ownEvent({ data: 1 }), ownEvent({ data: '2', datacontenttype: 'text/plain' })];
    const bad = [...events, { ...ownEvent(), time: 'noon' }];
    expect(refusal(await arrive(source, JSON.stringify(bad), BATCH))).toBe('400 invalid /2/time');
    expect(await tenant.api.events(`?sourceId=${source.id}`)).toEqual([]);
    const answer = accepted(await arrive(source, JSON.stringify([...events, events[0]]), BATCH));
    expect(answer).toMatchObject({
      status: 'accepted',
      events: [{ duplicate: false }, { duplicate: false }, { duplicate: true }],
    });
    const arrivals = await receiver.waitFor(2);
    expect(arrivals.map(({ headers, body }) => [headers['ce-id'], body.toString()])).toEqual([
      [events[0]?.['id'], '1'],
      [events[1]?.['id'], '2'],
    ]);
    const many = JSON.stringify(Array.from({ length: 1001 }, () => events[0]));
    expect((await arrive(source, many, BATCH)).status).toBe(413);
    await receiver.close();
  });

  test('answers the validation request, and no other OPTIONS', async () => {
    const { inboundUrl } = await newSource();
    const asked = await call('OPTIONS', inboundUrl, undefined, {
      'webhook-request-origin': 'eventemitter.example.com',
      'webhook-request-rate': '120',
    });
    expect([asked.status, asked.headers.get('webhook-allowed-origin')]).toEqual([
      200,
      'eventemitter.example.com',
    ]);
    expect(asked.headers.get('webhook-allowed-rate')).toBe('*');
    expect((await call('OPTIONS', inboundUrl)).status).toBe(405);
  });

  test('with a token takes nothing without it, and can change to another one', async () => {
    const source = await newSource({ secret: 'first' });
    const post = (token: string | null): Promise<Reply> =>
      arrive(source, JSON.stringify(ownEvent()), {
        'content-type': 'application/cloudevents+json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      });
    expect(refusal(await post(null))).toBe('401 unauthorized');
    expect((await post('first')).status).toBe(200);
    const path = `/v1/sources/${source.id}/rotate-secret`;
    expect(refusal(await tenant.api.request('POST', path, {}))).toBe('400 invalid /secret');
    await tenant.api.expect(200, 'POST', path, { secret: 'second', overlapSeconds: 0 });
    expect([(await post('first')).status, (await post('second')).status]).toEqual([401, 200]);
  });

  test('takes the signed deliveries of a relay', async () => {
    const receiver = await startReceiver();
    const hook = await tenant.api.createHook({ url: receiver.url, events: ['chain.*'] });
    const event = ownEvent({ type: 'chain.link.added', data: { n: 1 } });
    await tenant.api.publish(event);
    const [delivery] = await receiver.waitFor(1);
    if (delivery === undefined) throw new Error('expected a delivery');
    const source = await newSource({ secret: hook.secret });
    const headers = Object.fromEntries(
      ['content-type', 'webhook-id', 'webhook-timestamp', 'webhook-signature', 'posthorn-hops'].map(
        (name) => [name, String(delivery.headers[name])],
      ),
    );
    const { id } = accepted(await arrive(source, delivery.body, headers));
    expect((await tenant.api.event(id)).event).toMatchObject({ ...event, posthornid: id });
    expect((await arrive(source, `${delivery.body.toString()} `, headers)).status).toBe(401);
    await receiver.close();
  });
});

describe('POST /v1/events', () => {
  const publish = (body: unknown, headers: Readonly<Record<string, string>>) =>
    tenant.api.request('POST', '/v1/events', body, headers);

  test.each(['binary', 'structured'] as const)('takes an event of the SDK in %s mode', async (mode) => {
    const event = cloudEvent().cloneWith({ subject: 'orders/7' });
    const { headers, body } = written(mode, event);
    const reply = await publish(body, headers);
    expect(reply.status).toBe(202);
    const { id } = reply.body as { id: string };
    expect((await tenant.api.event(id)).event).toMatchObject({ ...KEPT, id: event.id, subject: 'orders/7' });
    expect((await publish(body, headers)).body).toEqual({ id, duplicate: true });
  });

  test('takes a batch whole or not at all, and once under its Idempotency-Key', async () => {
    const events = [ownEvent(), ownEvent()];
    const bad = JSON.stringify([...events, { ...ownEvent(), dataschema: 'relative' }]);
    expect(refusal(await publish(bad, BATCH))).toBe('400 invalid /2/dataschema');
    const headers = { ...BATCH, 'idempotency-key': 'batch-1' };
    const body = JSON.stringify(events);
    const first = await publish(body, headers);
    expect([first.status, first.body]).toMatchObject([
      202,
      { events: [{ duplicate: false }, { duplicate: false }] },
    ]);
    expect((await publish(body, headers)).body).toEqual(first.body);
    expect((await publish('[]', BATCH)).body).toEqual({ events: [] });
    const many = JSON.stringify(Array.from({ length: 1001 }, () => events[0]));
    expect(refusal(await publish(many, BATCH))).toBe('413 too-large');
  });

  test('names the header that is wrong', async () => {
    const { headers, body } = written('binary', cloudEvent().cloneWith({ subject: 'a' }));
    const reply = await publish(body, { ...headers, 'ce-time': 'noon' });
    expect(refusal(reply)).toBe('400 invalid header/ce-time');
  });
});
