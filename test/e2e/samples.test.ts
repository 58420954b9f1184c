/** Every sample of a provider through the running relay to a real receiver, which reads it as CloudEvents do. */
import { randomUUID } from 'node:crypto';
import { CloudEvent, HTTP } from 'cloudevents';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Hook, Source } from '../support/api.ts';
import { type Arrival, type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { noSamples, sampleBytes, sampleJson, samplePaths, sampleText } from '../support/samples.ts';
import { type Tenant, accepted, arrive, arriveSigned, newTenant } from '../support/tenant.ts';
import { verify } from '../support/verify.ts';

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  tenant = await newTenant(relay);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

/** What arrived of that event, read by the CloudEvents library and found valid. */
async function delivered(
  hook: Hook,
  id: string,
): Promise<{ arrival: Arrival; event: CloudEvent<unknown>; text: string }> {
  const isIt = ({ headers }: Arrival) =>
    headers['webhook-id'] === id && headers['posthorn-hook'] === String(hook.id);
  const arrival = (await receiver.waitFor((all) => all.some(isIt))).find(isIt);
  if (arrival === undefined) throw new Error(`nothing arrived of ${id}`);
  verify(arrival, hook.secret);
  const text = arrival.body.toString();
  const event: unknown = HTTP.toEvent({ headers: arrival.headers, body: text });
  if (!(event instanceof CloudEvent)) throw new Error('expected one event');
  expect(event.validate()).toBe(true);
  return { arrival, event, text };
}

interface Sample {
  readonly EventId?: string;
  readonly Timestamp: string;
  readonly Changes?: readonly string[];
  readonly Values?: Readonly<Record<string, number>>;
  readonly Event: string;
  readonly PrimaryKey: number;
  readonly Entity?: string;
  readonly ContextIdentifier: string;
  readonly ChangedByAssociateId: number;
  readonly WebhookName: string;
}

/** Sample → type and entity where they are not plainly those of Event and Entity. */
const RENAMED: Readonly<Record<string, string>> = { changed: 'updated' };

describe('H3: SuperOffice', () => {
  let hook: Hook;
  beforeAll(async () => {
    hook = await tenant.api.createHook({ url: receiver.url, events: ['superoffice.*'] });
  });

  const paths = samplePaths(/^superoffice\/delivery_/);
  const ofEvents = paths.filter((path) => !path.endsWith('/delivery_test.json'));

  test('there are samples', () => {
    expect(ofEvents.length).toBeGreaterThan(noSamples ? 9 : 40);
  });

  test.each(ofEvents)('%s arrives as its envelope', async (path) => {
    const source = await tenant.api.createSource({ provider: 'superoffice', name: path });
    const sent = sampleJson(path) as Sample;
    const { id } = accepted(await arriveSigned(source, sampleBytes(path)));
    const { arrival, event, text } = await delivered(hook, id);
    const dot = sent.Event.lastIndexOf('.');
    const entity = (sent.Entity ?? sent.Event.slice(0, dot)).toLowerCase();
    const verb = sent.Event.slice(dot + 1).toLowerCase();
    const action = RENAMED[verb] ?? verb;
    expect(arrival.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(event).toMatchObject({
      specversion: '1.0',
      type: `superoffice.${entity}.${action}`,
      source: `/superoffice/${sent.ContextIdentifier}`,
      subject: `${entity}/${sent.PrimaryKey}`,
      posthornid: id,
    });
    expect(event.id).toMatch(sent.EventId === undefined ? /^[A-Za-z0-9_-]{43}$/ : /^/);
    if (sent.EventId !== undefined) expect(event.id).toBe(sent.EventId);
    // The library makes a Date of it; the text itself keeps all seven digits.
    expect(text).toContain(`"time":"${sent.Timestamp}"`);
    expect(event.data).toEqual({
      provider: 'superoffice',
      sourceId: source.id,
      event: sent.Event,
      entity,
      action,
      entityId: String(sent.PrimaryKey),
      account: sent.ContextIdentifier,
      actor: String(sent.ChangedByAssociateId),
      webhookName: sent.WebhookName,
      verified: true,
      assurance: 'signature',
      batch: null,
      changes: sent.Changes ?? [],
      identifiers: Object.fromEntries(
        Object.entries(sent.Values ?? {}).map(([name, value]) => [name, String(value)]),
      ),
      raw: sent,
    });
    expect(text.endsWith(`,"raw":${sampleText(path)}}}`)).toBe(true);
  });

  test.skipIf(noSamples)('delivery_test.json is answered 200 and not delivered', async () => {
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 'test' });
    const reply = await arriveSigned(source, sampleBytes('superoffice/delivery_test.json'));
    expect(reply.body).toEqual({ status: 'test' });
    expect(await tenant.api.events(`?sourceId=${source.id}`)).toEqual([]);
  });
});

describe('Deskera', () => {
  let hook: Hook;
  let source: Source;
  beforeAll(async () => {
    hook = await tenant.api.createHook({ url: receiver.url, events: ['deskera.*'] });
    source = await tenant.api.createSource({ provider: 'deskera', name: 'samples' });
  });

  const records = samplePaths(/^deskera\/(?:books|crm)_/);
  const JSON_TYPE = { 'content-type': 'application/json', 'idempotency-key': '' };

  test('there are samples', () => {
    expect(records.length).toBeGreaterThan(noSamples ? 5 : 36);
  });

  test.each(records)(
    '%s arrives with its text unchanged, with and without an event type in the path',
    async (path) => {
      for (const eventType of ['', '/UPDATE_SAMPLE']) {
        const headers = { ...JSON_TYPE, 'idempotency-key': randomUUID() };
        const { id } = accepted(await arrive(source, sampleBytes(path), headers, eventType));
        const { event, text } = await delivered(hook, id);
        expect(event.source).toBe(`/deskera/${source.id}`);
        expect(text.endsWith(`,"raw":${sampleText(path)}}}`)).toBe(true);
        if (eventType !== '') expect(event.type).toBe('deskera.sample.updated');
        expect((event.data as { raw: unknown }).raw).toEqual(sampleJson(path));
      }
    },
  );

  test('a record that names its id is the subject, with the digits it was sent with', async () => {
    const path = 'deskera/books_own-product.json';
    const { id } = accepted(
      await arrive(source, sampleBytes(path), { 'content-type': 'application/json' }, '/CREATE_PRODUCTS'),
    );
    const { event } = await delivered(hook, id);
    const [, digits] = /"id"\s*:\s*(\d+)/.exec(sampleText(path)) ?? [];
    expect(event).toMatchObject({ type: 'deskera.product.created', subject: `product/${String(digits)}` });
  });
});
