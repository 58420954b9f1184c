/** Hooks that send what their receiver understands instead of the envelope. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { type Problem, refusal } from '../support/api.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import {
  type Tenant,
  accepted,
  arriveSigned,
  newTenant,
  ownEvent,
  superofficeBody,
} from '../support/tenant.ts';
import { until } from '../support/until.ts';

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([
    startRelay(),
    startReceiver({ answer: ({ path }) => ({ status: path.startsWith('/fail') ? 500 : 200 }) }),
  ]);
  tenant = await newTenant(relay);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

async function arrivalsAt(path: string, count = 1) {
  const at = (arrivals: Receiver['arrivals']) => arrivals.filter((arrival) => arrival.path === path);
  return at(await receiver.waitFor((arrivals) => at(arrivals).length >= count));
}

const json = (body: string) => ({ contentType: 'application/json', body });
const text = (body: string) => ({ contentType: 'text/plain; charset=utf-8', body });
const templated = (path: string, template: unknown, more: Record<string, unknown> = {}) =>
  tenant.api.createHook({
    url: receiver.url + path,
    events: [`t.${path}`],
    format: 'template',
    template,
    ...more,
  });

test('what is rendered is what is sent and signed, with all headers of a delivery', async () => {
  const hook = await templated('render', json('{"what": {{ type | json }}, "n": {{ data.n }}}'));
  await tenant.api.publish(ownEvent({ type: 't.render', data: { n: 7 } }));
  const [arrival] = await arrivalsAt('/render');
  expect(arrival?.body.toString()).toBe('{"what": "t.render", "n": 7}');
  expect(arrival?.headers).toMatchObject({
    'content-type': 'application/json',
    'posthorn-sequence': '1',
    'posthorn-attempt': '1',
  });
  const headers = arrival?.headers as Record<string, string>;
  expect(() => new Webhook(hook.secret).verify(arrival?.body.toString() ?? '', headers)).not.toThrow();
});

test('rawText and numbers are as the provider sent them', async () => {
  const source = await tenant.api.createSource({ provider: 'superoffice', name: 'crm' });
  await tenant.api.createHook({
    url: `${receiver.url}raw`,
    events: ['superoffice.*'],
    format: 'template',
    template: text('{{ data.raw.PrimaryKey }}|{{ data.entityId }}|{{ rawText }}'),
  });
  const body = superofficeBody()
    .replace('994863', '9007199254740993')
    .replace('"Event":', '"Price": 100.0,  "Event":');
  accepted(await arriveSigned(source, body));
  const [arrival] = await arrivalsAt('/raw');
  expect(arrival?.body.toString()).toBe(`9007199254740993|9007199254740993|${body}`);
});

test('each attempt has the same body, also where the template asks for the time', async () => {
  await templated('fail', text('{{ "now" | date: "%Y-%m-%dT%H:%M:%S" }} {{ id }}'), {
    retry: { scheduleSeconds: [1] },
  });
  await tenant.api.publish(ownEvent({ type: 't.fail' }));
  const [first, second] = await arrivalsAt('/fail', 2);
  expect(first?.body.toString()).toMatch(/^\d{4}-/);
  expect(second?.body.toString()).toBe(first?.body.toString());
});

describe('an event that cannot be rendered', () => {
  test('is dead at once, says where, holds nothing back, and goes out once the template is mended', async () => {
    const hook = await templated('dead', json('{\n  "n": {{ data.n }}}'), { ordering: 'fifo' });
    const { id } = await tenant.api.publish(ownEvent({ type: 't.dead', data: { n: 'no number' } }));
    await tenant.api.publish(ownEvent({ type: 't.dead', data: { n: 2 } }));
    const [arrival] = await arrivalsAt('/dead');
    expect(arrival?.headers['posthorn-sequence']).toBe('2');
    const delivery = await tenant.api.delivery(hook.id, id);
    expect(delivery).toMatchObject({ status: 'dead', reason: 'template', attempts: 1 });
    expect(delivery.attemptLog).toMatchObject([{ error: 'template', statusCode: null, outcome: 'gave-up' }]);
    expect(delivery.attemptLog[0]?.detail).toContain('the result is not JSON');
    expect(await tenant.api.explain(id, hook.id)).toMatchObject({ status: 'dead', reason: 'template' });

    await tenant.api.patchHook(hook.id, { template: { body: '{"n": {{ data.n | json }}}' } });
    await tenant.api.expect(202, 'POST', `/v1/hooks/${hook.id}/deliveries/${id}/retry`);
    const [, again] = await arrivalsAt('/dead', 2);
    expect(again?.body.toString()).toBe('{"n": "no number"}');
    expect(again?.headers['posthorn-replay']).toBe('manual');
  });

  test('also when it takes too long', async () => {
    const hook = await templated(
      'long',
      text('{% for a in (1..1000) %}{% for b in (1..1000) %}x{% endfor %}{% endfor %}'),
    );
    const { id } = await tenant.api.publish(ownEvent({ type: 't.long' }));
    const delivery = await until(
      () => tenant.api.delivery(hook.id, id),
      ({ status }) => status === 'dead',
    );
    expect(delivery.attemptLog[0]?.detail).toMatch(/takes too long \(line 1, column \d+\)/);
  });
});

test('a test event goes through the template', async () => {
  const hook = await templated('tried', text('{{ type }} of {{ data.raw.hookName }}'), { name: 'CRM' });
  expect(await tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/test`)).toMatchObject({
    delivered: true,
  });
  const [arrival] = await arrivalsAt('/tried');
  expect(arrival?.body.toString()).toBe('posthorn.test of CRM');
});

describe('what is saved', () => {
  test('comes back, merges, and goes with null', async () => {
    const hook = await templated('saved', json('1'));
    const patched = await tenant.api.patchHook(hook.id, { template: { contentType: 'text/html' } });
    expect(patched).toMatchObject({ format: 'template', template: { contentType: 'text/html', body: '1' } });
    expect(await tenant.api.patchHook(hook.id, { format: 'raw', template: null })).toMatchObject({
      template: null,
    });
    expect(refusal(await tenant.api.request('PATCH', `/v1/hooks/${hook.id}`, { format: 'template' }))).toBe(
      '400 invalid /template',
    );
  });

  test.each<[unknown, string, string]>([
    [null, '/template', 'the format is template'],
    [json('a\n {% include "b" %}'), '/template/body', 'tag "include" not found (line 2, column 2)'],
    [json('{{ a | frobnicate }}'), '/template/body', 'undefined filter: frobnicate (line 1, column 1)'],
    [json('{% if a %}'), '/template/body', 'not closed (line 1, column 1)'],
    [{ contentType: 'json', body: 'x' }, '/template/contentType', 'media type'],
    [{ body: 'x' }, '/template/contentType', 'a text'],
    [{ contentType: 'text/plain', body: 'x', more: 1 }, '/template/more', 'a known member'],
    [json('x'.repeat(65_537)), '/template/body', '65536'],
  ])('is read: %j', async (template, path, words) => {
    const body = { url: receiver.url, events: ['t.bad'], format: 'template', template };
    const reply = await tenant.api.request('POST', '/v1/hooks', body);
    expect(refusal(reply)).toBe(`400 invalid ${path}`);
    const [error] = (reply.body as Problem).errors ?? [];
    expect(`${error?.expected ?? ''} ${error?.got ?? ''}`).toContain(words);
  });
});

describe('POST /v1/templates/preview', () => {
  const preview = (body: unknown) => tenant.api.request('POST', '/v1/templates/preview', body);

  test('renders an event that the relay has', async () => {
    const { id } = await tenant.api.publish(ownEvent({ type: 't.preview', data: { n: 1 } }));
    const { body } = await preview({
      template: text('{{ type }} {{ posthornid }} {{ rawText }}'),
      eventId: id,
    });
    expect(body).toEqual({ contentType: 'text/plain; charset=utf-8', body: `t.preview ${id} {"n":1}` });
  });

  test('renders an event that comes along, with all its digits', async () => {
    const request = `{"template":{"contentType":"text/plain","body":"{{ data.raw.n }} {{ rawText }}"},"event":{"data":{"raw":{"n":100.0}}}}`;
    const reply = await tenant.api.request('POST', '/v1/templates/preview', request, {
      'content-type': 'application/json',
    });
    expect(reply.body).toEqual({ contentType: 'text/plain', body: '100.0 {"n":100.0}' });
  });

  test.each<[unknown, string]>([
    [{ template: text('x') }, '400 invalid '],
    [{ template: text('x'), event: {}, eventId: 'evt_1' }, '400 invalid '],
    [{ template: text('{% x %}'), event: {} }, '400 invalid /template/body'],
    [{ template: json('no'), event: {} }, '400 invalid /template/body'],
    [{ template: { contentType: 'x', body: 'x' }, event: {} }, '400 invalid /template/contentType'],
    [{ template: text('x'), eventId: 'evt_00000000000000000000000000' }, '404 not-found'],
    [{ event: {} }, '400 invalid /template'],
  ])('refuses %j', async (body, expected) => {
    expect(refusal(await preview(body))).toBe(expected);
  });
});

test('the ready templates can be saved as they are, and send what their messenger takes', async () => {
  const { data } = (await tenant.api.expect(200, 'GET', '/v1/templates')) as {
    data: { id: string; template: { contentType: string; body: string } }[];
  };
  expect(data.map(({ id }) => id)).toEqual(['slack', 'teams', 'discord', 'google-chat', 'text']);
  for (const { id, template } of data) await templated(`ready-${id}`, template, { events: ['t.ready'] });
  await tenant.api.publish(ownEvent({ type: 't.ready', subject: 'order/1' }));
  const [slack] = await arrivalsAt('/ready-slack');
  expect(JSON.parse(slack?.body.toString() ?? '')).toEqual({ text: 't.ready: order/1 (/test)' });
  for (const { id } of data) await arrivalsAt(`/ready-${id}`);
});
