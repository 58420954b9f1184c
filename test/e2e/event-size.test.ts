/** A9: the largest events, at the largest setting: taken whole and delivered, or refused before they are stored. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { accepted, arrive, newTenant, ownEvent, superofficeBody, type Tenant } from '../support/tenant.ts';

const MAX_BODY_BYTES = 1_600_000;

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([
    startRelay({ env: { MAX_BODY_BYTES: String(MAX_BODY_BYTES) } }),
    startReceiver(),
  ]);
  tenant = await newTenant(relay);
  await tenant.api.createHook({ url: receiver.url, events: ['*'], format: 'structured' });
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

/** As long as the setting allows, of characters of three bytes each in its last member. */
function largest(body: (filling: string) => string): string {
  const room = MAX_BODY_BYTES - Buffer.byteLength(body(''));
  return body('契'.repeat(Math.floor(room / 3)));
}

describe('A9: a body of the largest size', () => {
  test('of an own event, with the longest attributes, is taken and arrives', async () => {
    const subject = '契'.repeat(4096);
    const event = ownEvent({ subject, type: `large.${'t'.repeat(4000)}` });
    const body = largest((filling) => JSON.stringify({ ...event, data: filling }));
    const { id } = await tenant.api.publish(JSON.parse(body) as Record<string, unknown>);
    const [arrival] = await receiver.waitFor((all) =>
      all.some(({ headers }) => headers['webhook-id'] === id),
    );
    expect(arrival?.body.byteLength).toBeGreaterThan(MAX_BODY_BYTES - 3);
  });

  test('of a provider is taken and arrives', async () => {
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 's', secret: '' });
    const body = largest((filling) => superofficeBody({ Filling: filling }));
    const { id } = accepted(await arrive(source, body));
    const arrivals = await receiver.waitFor((all) => all.some(({ headers }) => headers['webhook-id'] === id));
    const arrival = arrivals.find(({ headers }) => headers['webhook-id'] === id);
    expect(arrival?.body.toString()).toContain(body.slice(0, 1000));
  });

  test('whose facts would make the stored event too large is 413 and not stored', async () => {
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 'f', secret: '' });
    const changes = ['契'.repeat(60_000)];
    const reply = await arrive(
      source,
      largest((filling) => superofficeBody({ Changes: changes, Filling: filling })),
    );
    expect(reply.status).toBe(413);
    expect(reply.text).toContain('an event of more than 1700000 bytes as it is stored');
    const events = await tenant.api.events(`?sourceId=${source.id}`);
    expect(events).toEqual([]);
  });

  test('one byte more is 413 as before', async () => {
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 'm', secret: '' });
    expect((await arrive(source, `${'x'.repeat(MAX_BODY_BYTES)}y`)).status).toBe(413);
  });
});
