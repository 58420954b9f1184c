/** The operator's switches, on a relay that runs: they are the whole relay's, so each test puts them back. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Api, type Page, type Problem, type Reply } from '../support/api.ts';
import { startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { accepted, arriveSigned, newTenant, ownEvent, superofficeBody } from '../support/tenant.ts';

interface Switches {
  readonly ingest: string;
  readonly delivery: string;
  readonly note: string;
  readonly updatedAt: string | null;
}

const REOPENED_WITHIN_MS = 60_000;

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay({ env: { MAX_BODY_BYTES: '2000' } });
});
afterAll(() => relay.dispose());
afterEach(() => put({ ingest: 'open', delivery: 'open', note: '' }));

function operator(): Api {
  return new Api(relay.url, relay.adminKey);
}

async function put(change: object): Promise<Switches> {
  return (await operator().expect(200, 'PUT', '/v1/switches', change)) as Switches;
}

async function get(): Promise<Switches> {
  return (await operator().expect(200, 'GET', '/v1/switches')) as Switches;
}

function expectPaused(reply: Reply): void {
  expect(reply.status).toBe(503);
  expect(reply.body).toMatchObject({ code: 'paused' });
  expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
}

describe('GET and PUT /v1/switches', () => {
  test('a relay starts with both open', async () => {
    await using fresh = await startRelay();
    expect(await new Api(fresh.url, fresh.adminKey).expect(200, 'GET', '/v1/switches')).toEqual({
      ingest: 'open',
      delivery: 'open',
      note: '',
      updatedAt: null,
    });
  });

  test('a change is answered and read back; what it does not name stays', async () => {
    const before = new Date().toISOString();
    const note = 'Wartung bis 18 Uhr – 保守点検 📯';
    const changed = await put({ ingest: 'paused', note });
    expect(changed).toMatchObject({ ingest: 'paused', delivery: 'open', note });
    expect(String(changed.updatedAt) >= before).toBe(true);
    expect(await get()).toEqual(changed);
    expect(await put({ delivery: 'paused' })).toMatchObject({ ingest: 'paused', delivery: 'paused', note });
  });

  test('what GET answered can be put back', async () => {
    const { ingest, delivery, note } = await put({ delivery: 'paused', note: 'x'.repeat(200) });
    expect(await put(await get())).toMatchObject({ ingest, delivery, note });
  });

  test('changes at the same time all land', async () => {
    await Promise.all([put({ ingest: 'paused' }), put({ delivery: 'paused' }), put({ note: 'both' })]);
    expect(await get()).toMatchObject({ ingest: 'paused', delivery: 'paused', note: 'both' });
  });

  test('a tenant’s key may neither read nor change them', async () => {
    const { api } = await newTenant(relay);
    for (const reply of [
      await api.request('GET', '/v1/switches'),
      await api.request('PUT', '/v1/switches', { ingest: 'paused' }),
      await api.request('PUT', '/v1/switches', { nonsense: true }),
    ]) {
      expect(reply.status).toBe(403);
      expect(reply.body).toMatchObject({ code: 'forbidden' });
    }
    expect((await new Api(relay.url, null).request('GET', '/v1/switches')).status).toBe(401);
    expect(await get()).toMatchObject({ ingest: 'open' });
  });

  test.each([
    ['/ingest', { ingest: 'closed' }],
    ['/ingest', { ingest: null }],
    ['/delivery', { ingest: 'paused', delivery: false }],
    ['/note', { ingest: 'paused', note: 7 }],
    ['/note', { ingest: 'paused', note: 'x'.repeat(201) }],
    ['/pause', { ingest: 'paused', pause: true }],
    ['', ['paused']],
    ['', 'null'],
    ['', '{"ingest":'],
  ])('a body that is wrong at %j changes nothing: %j', async (path, body) => {
    const reply = await operator().request('PUT', '/v1/switches', body);
    expect(reply.status).toBe(400);
    expect((reply.body as Problem).errors).toMatchObject([{ path }]);
    expect(await get()).toMatchObject({ ingest: 'open', delivery: 'open', note: '' });
  });
});

describe('ingest paused', () => {
  test('I11: events are refused with 503 and Retry-After, and nothing is stored', async () => {
    const { api } = await newTenant(relay);
    const source = await api.createSource({ provider: 'superoffice', name: 'switches' });
    const body = superofficeBody();
    const own = ownEvent();
    await put({ ingest: 'paused' });
    expectPaused(await arriveSigned(source, body));
    expectPaused(await api.request('POST', '/v1/events', own));
    await put({ ingest: 'open' });
    expect(await api.expect(200, 'GET', '/v1/events')).toEqual({ data: [], nextCursor: null });
    expect(accepted(await arriveSigned(source, body))).toMatchObject({ duplicate: false });
    expect(await api.publish(own)).toMatchObject({ duplicate: false });
  });

  test('it comes after an unknown token and the probes, and before body and signature', async () => {
    const { api } = await newTenant(relay);
    const [source, deleted] = await Promise.all(
      ['live', 'deleted'].map((name) => api.createSource({ provider: 'superoffice', name })),
    );
    if (source === undefined || deleted === undefined) throw new Error('no sources');
    await api.expect(204, 'DELETE', `/v1/sources/${deleted.id}`);
    await put({ ingest: 'paused' });
    const status = async (method: string, url: string, body?: string) =>
      (await fetch(url, { method, ...(body === undefined ? {} : { body }) })).status;
    expect(await status('POST', deleted.inboundUrl, '{}')).toBe(404);
    expect(await status('POST', `${source.inboundUrl.slice(0, -4)}AAAA`, '{}')).toBe(404);
    expect(await status('GET', source.inboundUrl)).toBe(200);
    expect(await status('HEAD', source.inboundUrl)).toBe(200);
    expect(await status('PUT', source.inboundUrl, '{}')).toBe(405);
    expect(await status('POST', source.inboundUrl, 'unsigned')).toBe(503);
    expect(await status('POST', source.inboundUrl, 'x'.repeat(100_000))).toBe(503);
    expect(
      (await api.request('POST', '/v1/events', 'no JSON', { 'content-type': 'text/plain' })).status,
    ).toBe(503);
  });

  test('what is queued goes out all the same', async () => {
    await using receiver = await startReceiver({ answer: { status: 200, delayMs: 300 } });
    const { api } = await newTenant(relay);
    await api.createHook({ url: receiver.url });
    await api.publish(ownEvent());
    await api.publish(ownEvent());
    await put({ ingest: 'paused' });
    expect(await receiver.waitFor(2)).toHaveLength(2);
  });
});

describe('over kill -9 and a restart', () => {
  test(
    'I11: both stay paused; delivery paused sends nothing; reopened, the queue goes out in order',
    async () => {
      await using receiver = await startReceiver();
      const { api } = await newTenant(relay);
      const source = await api.createSource({ provider: 'superoffice', name: 'switches' });
      const hook = await api.createHook({ url: receiver.url });
      await put({ delivery: 'paused', note: 'Größe' });
      const ids: string[] = [];
      for (let count = 0; count < 5; count += 1) ids.push((await api.publish(ownEvent())).id);
      expectPaused(await api.request('POST', `/v1/hooks/${hook.id}/test`));
      await put({ ingest: 'paused' });

      await relay.kill9();
      await relay.restart();

      // The first requests of a new process, all at once: none slips through before it has asked.
      const replies = await Promise.all(
        Array.from({ length: 10 }, () => arriveSigned(source, superofficeBody())),
      );
      for (const reply of replies) expectPaused(reply);
      expect(await get()).toMatchObject({ ingest: 'paused', delivery: 'paused', note: 'Größe' });

      await put({ ingest: 'open' });
      ids.push(accepted(await arriveSigned(source, superofficeBody())).id);
      expectPaused(await api.request('POST', `/v1/hooks/${hook.id}/test`));
      const { data } = (await api.expect(200, 'GET', `/v1/hooks/${hook.id}/deliveries`)) as Page<unknown>;
      expect(data).toMatchObject(data.map(() => ({ status: 'pending', attempts: 0 })));
      expect(receiver.arrivals).toHaveLength(0);

      await put({ delivery: 'open' });
      const arrivals = await receiver.waitFor(ids.length, REOPENED_WITHIN_MS);
      expect(arrivals.map(({ headers }) => headers['webhook-id'])).toEqual(ids);
      expect(arrivals.map(({ headers }) => headers['posthorn-sequence'])).toEqual(
        ids.map((_id, at) => String(at + 1)),
      );
    },
    REOPENED_WITHIN_MS + 60_000,
  );
});
