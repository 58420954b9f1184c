/** What subscribers verify: one id and one body for every attempt, signatures, headers, and bodies byte for byte. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusal } from '../support/api.ts';
import { type Arrival, type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import {
  type Tenant,
  accepted,
  arrive,
  arriveSigned,
  newTenant,
  ownEvent,
  superofficeBody,
} from '../support/tenant.ts';
import { isVerified, signatureOverBytes, verify } from '../support/verify.ts';

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  tenant = await newTenant(relay);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

/** What arrived at a path of the receiver, once there is that much. */
async function at(path: string, count = 1): Promise<Arrival[]> {
  const here = (all: readonly Arrival[]) => all.filter((arrival) => arrival.path === path);
  return here(await receiver.waitFor((all) => here(all).length >= count));
}

async function firstAt(path: string): Promise<Arrival> {
  const [first] = await at(path);
  if (first === undefined) throw new Error('nothing arrived');
  return first;
}

describe('identity', () => {
  test('A2: every attempt has the same id and body, a timestamp of its own, and verifies', async () => {
    receiver.answerWith(({ path, headers }) => ({
      status: path === '/a2' && headers['posthorn-attempt'] === '1' ? 500 : 200,
    }));
    const hook = await tenant.api.createHook({
      url: `${receiver.url}a2`,
      events: ['a2.*'],
      retry: { scheduleSeconds: [1], jitter: 0 },
    });
    const { id } = await tenant.api.publish(ownEvent({ type: 'a2.event', data: { text: 'Bjørn ✅' } }));
    const [first, second] = await at('/a2', 2);
    if (first === undefined || second === undefined) throw new Error('expected two attempts');
    for (const attempt of [first, second]) {
      verify(attempt, hook.secret);
      expect(attempt.headers).toMatchObject({ 'webhook-id': id, 'posthorn-sequence': '1' });
    }
    expect(second.body).toEqual(first.body);
    expect([first, second].map(({ headers }) => headers['posthorn-attempt'])).toEqual(['1', '2']);
    const [earlier, later] = [first, second].map(({ headers }) => Number(headers['webhook-timestamp']));
    expect(later).toBeGreaterThan(earlier ?? Infinity);
    for (const { headers, at: arrivedAtMs } of [first, second]) {
      expect(Math.abs(Number(headers['webhook-timestamp']) - arrivedAtMs / 1000)).toBeLessThan(2);
    }
  });

  test('A3: two hooks, one event: one id, two secrets, each fits its own alone', async () => {
    const [one, two] = [
      await tenant.api.createHook({ url: `${receiver.url}a3/one`, events: ['a3.*'] }),
      await tenant.api.createHook({ url: `${receiver.url}a3/two`, events: ['a3.*'] }),
    ];
    expect(one.secret).not.toBe(two.secret);
    const { id } = await tenant.api.publish(ownEvent({ type: 'a3.event' }));
    const [toOne, toTwo] = [await firstAt('/a3/one'), await firstAt('/a3/two')];
    expect([toOne, toTwo].map(({ headers }) => headers['webhook-id'])).toEqual([id, id]);
    expect(toOne.body).toEqual(toTwo.body);
    expect([isVerified(toOne, one.secret), isVerified(toOne, two.secret)]).toEqual([true, false]);
    expect([isVerified(toTwo, two.secret), isVerified(toTwo, one.secret)]).toEqual([true, false]);
  });

  test('A3: two sources, one provider id: two ids', async () => {
    await tenant.api.createHook({ url: `${receiver.url}a3/sources`, events: ['superoffice.*'] });
    const body = superofficeBody();
    for (const name of ['one', 'two']) {
      accepted(await arriveSigned(await tenant.api.createSource({ provider: 'superoffice', name }), body));
    }
    const arrivals = await at('/a3/sources', 2);
    expect(new Set(arrivals.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
    const ids = arrivals.map(({ body: sent }) => (JSON.parse(sent.toString()) as { id: string }).id);
    expect(new Set(ids).size).toBe(1);
  });

  test('an own secret signs, with and without its prefix', async () => {
    const bytes = randomBytes(24).toString('base64');
    for (const secret of [`whsec_${bytes}`, bytes]) {
      const path = `/own-secret/${secret.length}`;
      const hook = await tenant.api.createHook({
        url: `${receiver.url}${path.slice(1)}`,
        events: [`s${secret.length}`],
        secret,
      });
      expect(hook.secret).toBe(`whsec_${bytes}`);
      await tenant.api.publish(ownEvent({ type: `s${secret.length}` }));
      verify(await firstAt(path), `whsec_${bytes}`);
    }
  });

  test('a changed secret signs from the next attempt on', async () => {
    const hook = await tenant.api.createHook({ url: `${receiver.url}changed`, events: ['changed.*'] });
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    await tenant.api.patchHook(hook.id, { secret });
    expect(await tenant.api.expect(200, 'GET', `/v1/hooks/${hook.id}/secret`)).toEqual({ secret });
    await tenant.api.publish(ownEvent({ type: 'changed.it' }));
    const arrival = await firstAt('/changed');
    expect([isVerified(arrival, secret), isVerified(arrival, hook.secret)]).toEqual([true, false]);
  });
});

describe('contract §6: headers', () => {
  test('structured: the envelope, its content type and the relay’s own headers', async () => {
    const hook = await tenant.api.createHook({ url: `${receiver.url}structured?q=1`, events: ['struct.*'] });
    const { id } = await tenant.api.publish(ownEvent({ type: 'struct.it' }));
    const { method, headers, body } = await firstAt('/structured?q=1');
    const { version } = (await (await fetch(`${relay.url}/healthz`)).json()) as { version: string };
    expect(method).toBe('POST');
    expect(headers).toMatchObject({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'user-agent': `Posthorn/${version}`,
      'webhook-id': id,
      'posthorn-tenant': tenant.id,
      'posthorn-hook': String(hook.id),
      'posthorn-attempt': '1',
      'posthorn-sequence': '1',
    });
    expect(headers['webhook-timestamp']).toMatch(/^\d{10}$/);
    expect(headers['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
    expect(JSON.parse(body.toString())).toEqual((await tenant.api.event(id)).event);
  });

  test('raw: type, subject and the provider’s name of the event come as headers, percent-encoded', async () => {
    await tenant.api.createHook({ url: `${receiver.url}raw-headers`, events: ['deskera.*'], format: 'raw' });
    const source = await tenant.api.createSource({ provider: 'deskera', name: 'raw' });
    accepted(await arrive(source, '{"id":"æ 1"}', { 'content-type': 'application/json' }, '/UPDATE_BILL'));
    const { headers } = await firstAt('/raw-headers');
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'posthorn-type': 'deskera.bill.updated',
      'posthorn-subject': 'bill/%C3%A6%201',
      'posthorn-event': 'UPDATE_BILL',
    });
  });

  test('a test event verifies, has no sequence and counts in no statistic', async () => {
    const hook = await tenant.api.createHook({
      url: `${receiver.url}test-event`,
      name: 'mine',
      events: ['none'],
    });
    const result = await tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/test`);
    expect(result).toMatchObject({ delivered: true, statusCode: 200, error: null });
    const arrival = await firstAt('/test-event');
    verify(arrival, hook.secret);
    expect(arrival.headers).not.toHaveProperty('posthorn-sequence');
    expect(JSON.parse(arrival.body.toString())).toMatchObject({
      type: 'posthorn.test',
      subject: `hook/${hook.id}`,
    });
    expect(await tenant.api.deliveries(hook.id)).toEqual([]);
    expect((await tenant.api.hook(hook.id)).stats).toMatchObject({
      pending: 0,
      delivered: 0,
      lastSuccessAt: null,
    });
  });
});

describe('A7: raw bodies arrive byte for byte and verify', () => {
  const bodies: Readonly<Record<string, Uint8Array>> = {
    empty: new Uint8Array(),
    '{}': Buffer.from('{}'),
    'JSON with odd spacing': Buffer.from(' {"b" : 1,\r\n\t"a":100.0 } \n'),
    'non-ASCII': Buffer.from('{"name":"Bjørn Ærlig – 顧客"}'),
    emoji: Buffer.from('👩‍👩‍👧‍👦 🏳️‍🌈'),
    NUL: Buffer.from([0, 1, 0, 0x41, 0]),
    'a byte order mark': Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d]),
    'invalid UTF-8': Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80]),
    '1 MiB of random bytes': randomBytes(1_048_576),
  };
  test.each(Object.keys(bodies))('%s', async (name) => {
    const body = Buffer.from(bodies[name] ?? []);
    const { api } = await newTenant(relay);
    const source = await api.createSource({ provider: 'deskera', name });
    const path = `/a7/${source.id}`;
    const hook = await api.createHook({ url: `${receiver.url}a7/${source.id}`, format: 'raw' });
    const { id } = accepted(await arrive(source, body, { 'content-type': 'application/x-odd; a=1' }));
    const arrival = await firstAt(path);
    expect(arrival.body.equals(body)).toBe(true);
    expect(arrival.headers['content-type']).toBe('application/x-odd; a=1');
    expect(arrival.headers['webhook-signature']).toBe(signatureOverBytes(arrival, hook.secret));
    // The libraries read the body as text, which bytes that are no UTF-8 do not survive.
    if (Buffer.from(body.toString()).equals(body)) verify(arrival, hook.secret);
    const raw = await fetch(`${relay.url}/v1/events/${id}/raw`, {
      headers: await authorizationOf(api),
    });
    expect(Buffer.from(await raw.arrayBuffer()).equals(body)).toBe(true);
    expect(raw.headers.get('content-type')).toBe('application/x-odd; a=1');
  });

  async function authorizationOf(api: Tenant['api']): Promise<Record<string, string>> {
    return { authorization: `Bearer ${(await api.createKey()).key}` };
  }
});

describe('A9: custom headers', () => {
  const REFUSED = [
    'Host',
    'Content-Length',
    'content-type',
    'Connection',
    'Keep-Alive',
    'Proxy-Authorization',
    'Proxy-Connection',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'webhook-id',
    'Webhook-Signature',
    'webhook-anything',
    'ce-type',
    'CE-Id',
    'Posthorn-Tenant',
    'posthorn-new',
    'X-SuperOffice-Signature',
    'x-superoffice-other',
  ];
  test.each(REFUSED)('%s is refused, at POST and PATCH', async (name) => {
    const hook = await tenant.api.createHook({ url: `${receiver.url}never`, events: ['never'] });
    const members = { headers: { [name]: 'value-of-mine' } };
    const posted = await tenant.api.request('POST', '/v1/hooks', { url: receiver.url, ...members });
    const patched = await tenant.api.request('PATCH', `/v1/hooks/${hook.id}`, members);
    for (const reply of [posted, patched]) {
      expect(refusal(reply)).toBe(`400 invalid /headers/${name}`);
      expect(reply.text).not.toContain('value-of-mine');
    }
  });

  test.each([
    ['CR LF', 'a\r\nwebhook-id: forged'],
    ['LF', 'a\nb'],
    ['CR', 'a\rb'],
    ['NUL', 'a\u0000b'],
    ['a character beyond a byte', 'a✅'],
  ])('a value with %s is refused without showing it', async (_, value) => {
    const reply = await tenant.api.request('POST', '/v1/hooks', {
      url: receiver.url,
      headers: { 'x-a': value },
    });
    expect(refusal(reply)).toBe('400 invalid /headers/x-a');
    expect(reply.text).not.toContain('forged');
  });

  test.each(['x a', 'x:a', 'x\r\na', 'é', 'a'.repeat(200)])('the name %j is refused', async (name) => {
    const reply = await tenant.api.request('POST', '/v1/hooks', {
      url: receiver.url,
      headers: { [name]: 'v' },
    });
    expect(refusal(reply)).toBe(`400 invalid /headers/${name}`);
  });

  test('an empty name is refused', async () => {
    const reply = await tenant.api.request('POST', '/v1/hooks', { url: receiver.url, headers: { '': 'v' } });
    expect(refusal(reply)).toMatch(/^400 invalid \/headers\/?$/);
  });

  test('20 headers are carried, a 21st is refused', async () => {
    const headers = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, `value ${n}`]));
    await tenant.api.createHook({ url: `${receiver.url}twenty`, events: ['twenty.*'], headers: headers(20) });
    const tooMany = await tenant.api.request('POST', '/v1/hooks', {
      url: receiver.url,
      headers: headers(21),
    });
    expect(refusal(tooMany)).toBe('400 invalid /headers');
    await tenant.api.publish(ownEvent({ type: 'twenty.it' }));
    expect((await firstAt('/twenty')).headers).toMatchObject(headers(20));
  });

  test('they are sent, answered as ***, and none overrides what the relay sets itself', async () => {
    const hook = await tenant.api.createHook({
      url: `${receiver.url}custom`,
      events: ['custom.*'],
      headers: { Authorization: 'Bearer of-the-receiver', 'X-Mine': 'kept', 'User-Agent': 'forged' },
    });
    const masked = { authorization: '***', 'x-mine': '***', 'user-agent': '***' };
    expect(hook).toMatchObject({ headers: masked });
    for (const path of [`/v1/hooks/${hook.id}`, '/v1/hooks']) {
      const { text } = await tenant.api.request('GET', path);
      expect(text).not.toContain('of-the-receiver');
    }
    await tenant.api.publish(ownEvent({ type: 'custom.it' }));
    const arrival = await firstAt('/custom');
    verify(arrival, hook.secret);
    expect(arrival.headers).toMatchObject({ authorization: 'Bearer of-the-receiver', 'x-mine': 'kept' });
    expect(arrival.headers['user-agent']).toMatch(/^Posthorn\//);
  });
});
