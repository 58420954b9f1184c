/** Envelopes as text: what a provider or a publisher wrote is passed on unchanged; own events and what is refused. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Problem, type Reply, refusal } from '../support/api.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, accepted, arrive, arriveSigned, newTenant, ownEvent } from '../support/tenant.ts';

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  tenant = await newTenant(relay);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

async function arrived(id: string): Promise<string> {
  const isIt = ({ headers }: { headers: Record<string, unknown> }) => headers['webhook-id'] === id;
  const arrivals = await receiver.waitFor((all) => all.some(isIt));
  return arrivals.find(isIt)?.body.toString() ?? '';
}

/** The envelope's text in the three places where it is shown. */
async function textsOf(id: string): Promise<{ delivered: string; event: string; list: string }> {
  const [event, list] = [
    await tenant.api.request('GET', `/v1/events/${id}`),
    await tenant.api.request('GET', '/v1/events?limit=1'),
  ];
  return { delivered: await arrived(id), event: event.text, list: list.text };
}

describe('A8: the JSON text of a provider is unchanged in data.raw', () => {
  beforeAll(async () => {
    await tenant.api.createHook({ url: receiver.url, events: ['superoffice.*', 'deskera.*', 'own.*'] });
  });

  const texts: Readonly<Record<string, string>> = {
    spacing: '{ "Event" :\t"a.b" ,\r\n  "x" : [ 1 , 2 ]\n}',
    'key order': '{"z":1,"a":2,"Event":"a.b","10":3,"9":4}',
    'numbers as text':
      '{"Event":"a.b","n":[100.0,1e2,-0,0.10,9223372036854775808,18446744073709551616,1E400]}',
    'duplicate keys': '{"Event":"a.b","x":1,"x":2}',
    escapes: '{"Event":"a.b","x":"\\u00e6\\/\\ud83d\\ude00\\u2028 <script>","é":"\\""}',
    'a lone surrogate': '{"Event":"a.b","x":"\\ud800"}',
    'a text like the envelope’s own end': '{"Event":"a.b","x":"}},\\"raw\\":{}"}',
  };
  test.each(Object.keys(texts))('%s', async (name) => {
    const text = texts[name] ?? '';
    const source = await tenant.api.createSource({ provider: 'superoffice', name });
    const { id } = accepted(await arriveSigned(source, text));
    const shown = await textsOf(id);
    expect(shown.delivered.endsWith(`,"raw":${text}}}`)).toBe(true);
    const envelope = shown.delivered;
    expect(shown.event.startsWith(`{"event":${envelope},"deliveries":`)).toBe(true);
    expect(shown.list.startsWith(`{"data":[${envelope}],"nextCursor":`)).toBe(true);
  });

  test('any JSON value of Deskera', async () => {
    const source = await tenant.api.createSource({ provider: 'deskera', name: 'any' });
    for (const text of ['100.0', '"text"', 'null', 'true', '[ ]', '{}']) {
      const { id } = accepted(await arrive(source, text, { 'content-type': 'application/json' }));
      expect((await arrived(id)).endsWith(`,"raw":${text}}}`)).toBe(true);
    }
  });

  test('an own event: every member keeps its text', async () => {
    const members = [
      '"type" : "own.thing"',
      '"id":"text-1"',
      '"source":"/s"',
      '"specversion":"1.0"',
      '"time":"2020-01-02T03:04:05.1234567+02:00"',
      '"subject":"\\u00e6"',
      '"ext":7',
      '"flag":true',
      '"data": {"n":100.0 , "big":9223372036854775808,"d":1,"d":2}',
    ];
    const reply = await tenant.api.request('POST', '/v1/events', `{ ${members.join(' , ')} }`);
    expect(reply.status).toBe(202);
    const { id } = reply.body as { id: string };
    const shown = await textsOf(id);
    for (const member of members) expect(shown.delivered).toContain(member);
    expect(shown.event).toContain(shown.delivered);
    expect(shown.list).toContain(shown.delivered);
  });
});

describe('the envelope', () => {
  test('says place, time of receipt and the relay’s id', async () => {
    const { api } = await newTenant(relay);
    const before = Date.now();
    const ids = [];
    for (let n = 0; n < 3; n += 1) ids.push((await api.publish(ownEvent())).id);
    const after = Date.now();
    const events = await api.events('?order=asc');
    expect(events.map(({ posthornid }) => posthornid)).toEqual(ids);
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3].map((n) => String(n).padStart(20, '0')));
    for (const { recordedtime } of events) {
      expect(recordedtime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(Date.parse(String(recordedtime))).toBeGreaterThanOrEqual(before);
      expect(Date.parse(String(recordedtime))).toBeLessThanOrEqual(after);
    }
    expect([...ids].sort()).toEqual(ids);
  });
});

describe('own events', () => {
  test.each([
    'application/cloudevents+json',
    'application/json',
    'Application/CloudEvents+JSON; charset=UTF-8',
  ])('as %s: 202 with id and duplicate', async (contentType) => {
    const event = ownEvent();
    const send = () => tenant.api.request('POST', '/v1/events', event, { 'content-type': contentType });
    const first = await send();
    expect(first.status).toBe(202);
    expect(first.body).toEqual({
      id: expect.stringMatching(/^evt_[0-9A-Z]{26}$/) as unknown,
      duplicate: false,
    });
    const again = await send();
    expect([again.status, again.body]).toEqual([202, { ...(first.body as object), duplicate: true }]);
  });

  test.each(['text/plain', 'application/xml', 'application/cloudevents+xml', 'application/jsonx', ''])(
    'as %j: 415',
    async (contentType) => {
      const body = JSON.stringify(ownEvent());
      const reply = await tenant.api.request('POST', '/v1/events', Buffer.from(body), {
        'content-type': contentType,
      });
      expect(refusal(reply)).toBe('415 unsupported-media-type');
    },
  );

  test('the same id from another source, or at another tenant, is another event', async () => {
    const other = await newTenant(relay);
    const event = ownEvent();
    const answers = [
      await tenant.api.publish(event),
      await tenant.api.publish({ ...event, source: '/elsewhere' }),
      await other.api.publish(event),
    ];
    expect(answers.map(({ duplicate }) => duplicate)).toEqual([false, false, false]);
  });

  test('E1: the same event 50 times at once is one', async () => {
    const { api } = await newTenant(relay);
    const event = ownEvent();
    const answers = await Promise.all(Array.from({ length: 50 }, () => api.publish(event)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(await api.events()).toHaveLength(1);
  });

  test('sequence, recordedtime and posthornid of the publisher give way to the relay’s', async () => {
    const { id } = await tenant.api.publish(
      ownEvent({ sequence: '7', recordedtime: '2000-01-01T00:00:00Z', posthornid: 'evt_forged' }),
    );
    const { event } = await tenant.api.event(id);
    expect(event.posthornid).toBe(id);
    expect(event.sequence).toMatch(/^\d{20}$/);
    expect(event.recordedtime).not.toBe('2000-01-01T00:00:00Z');
    const { text } = await tenant.api.request('GET', `/v1/events/${id}`);
    expect(text.match(/"posthornid"/g)).toHaveLength(1);
    expect(text.match(/"sequence"/g)).toHaveLength(1);
  });

  test('data_base64, null and absent data are events too', async () => {
    for (const members of [{ data_base64: 'AAEC' }, { data: null }, {}, { subject: null, time: null }]) {
      const { id } = await tenant.api.publish(ownEvent(members));
      expect((await tenant.api.event(id)).event).toMatchObject(members);
    }
  });

  test('raw: the posted body, byte for byte, with its content type', async () => {
    const body = ` ${JSON.stringify(ownEvent())}\n`;
    const contentType = 'application/cloudevents+json; charset=utf-8';
    const reply = await tenant.api.request('POST', '/v1/events', body, { 'content-type': contentType });
    const { id } = reply.body as { id: string };
    const raw = await tenant.api.request('GET', `/v1/events/${id}/raw`);
    expect([raw.text, raw.headers.get('content-type')]).toEqual([body, contentType]);
  });

  const refused: Readonly<Record<string, [body: unknown, path: string]>> = {
    'posthorn.*': [ownEvent({ type: 'posthorn.test' }), '/type'],
    'posthorn.* in capitals': [ownEvent({ type: 'Posthorn.Anything' }), '/type'],
    'another specversion': [ownEvent({ specversion: '0.3' }), '/specversion'],
    'no specversion': [ownEvent({ specversion: undefined }), '/specversion'],
    'no id': [ownEvent({ id: undefined }), '/id'],
    'an empty id': [ownEvent({ id: '' }), '/id'],
    'an id that is a number': [ownEvent({ id: 1 }), '/id'],
    'no source': [ownEvent({ source: undefined }), '/source'],
    'an empty source': [ownEvent({ source: '' }), '/source'],
    'no type': [ownEvent({ type: undefined }), '/type'],
    'an empty type': [ownEvent({ type: '' }), '/type'],
    'a type that is null': [ownEvent({ type: null }), '/type'],
    'a subject that is a number': [ownEvent({ subject: 5 }), '/subject'],
    'an empty subject': [ownEvent({ subject: '' }), '/subject'],
    'a time that is none': [ownEvent({ time: 'yesterday' }), '/time'],
    'a datacontenttype that is a list': [ownEvent({ datacontenttype: [] }), '/datacontenttype'],
    'data and data_base64': [ownEvent({ data: 1, data_base64: 'AA==' }), '/data_base64'],
    'data_base64 that is none': [ownEvent({ data_base64: '*' }), '/data_base64'],
    'an extension that is an object': [ownEvent({ myext: {} }), '/myext'],
    'an extension name in capitals': [ownEvent({ myExt: 'x' }), '/myExt'],
    'an array': [[ownEvent()], ''],
    'a string': ['"text"', ''],
    null: ['null', ''],
    'an empty body': ['', ''],
    'no JSON': ['{"id":', ''],
    'a member twice': ['{"specversion":"1.0","id":"1","id":"2","source":"/s","type":"t"}', '/id'],
  };
  test.each(Object.keys(refused))('%s is 400 and names its place', async (name) => {
    const [body, path] = refused[name] ?? [];
    const reply = await tenant.api.request('POST', '/v1/events', body);
    expect(refusal(reply)).toBe(path === '' ? '400 invalid ' : `400 invalid ${String(path)}`);
    expect(errorsOf(reply).every(({ expected, got }) => expected !== '' && got !== '')).toBe(true);
  });

  test('all that is wrong is said at once', async () => {
    const reply = await tenant.api.request('POST', '/v1/events', { specversion: 1, subject: [] });
    expect(
      errorsOf(reply)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['/id', '/source', '/specversion', '/subject', '/type']);
  });

  test('larger than the limit is 413', async () => {
    const reply = await tenant.api.request('POST', '/v1/events', ownEvent({ data: 'x'.repeat(1_048_576) }));
    expect(refusal(reply)).toBe('413 too-large');
  });

  test('10,000 levels deep are carried through', async () => {
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    const body = `{"specversion":"1.0","id":"deep","source":"/s","type":"deep.one","data":${deep}}`;
    const reply = await tenant.api.request('POST', '/v1/events', body);
    expect(reply.status).toBe(202);
    const { id } = reply.body as { id: string };
    expect((await tenant.api.request('GET', `/v1/events/${id}`)).text).toContain(`"data":${deep}`);
  });
});

function errorsOf({ body }: Reply) {
  return (body as Problem).errors ?? [];
}
