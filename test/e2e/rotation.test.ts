/** H11: a source's secret and URL change without a gap: both are good until the overlap ends, then only the new one is. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, refusal, type Reply, type Source } from '../support/api.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import {
  type Tenant,
  accepted,
  arrive,
  arriveSigned,
  newTenant,
  superofficeBody,
} from '../support/tenant.ts';
import { until } from '../support/until.ts';

let relay: Relay;
let tenant: Tenant;
let api: Api;
beforeAll(async () => {
  relay = await startRelay();
  tenant = await newTenant(relay);
  ({ api } = tenant);
});
afterAll(() => relay.dispose());

function newSource(provider: 'superoffice' | 'deskera' = 'superoffice'): Promise<Source> {
  return api.createSource({ provider, name: 'rotated' });
}

async function rotateSecret(source: Source, members?: Readonly<Record<string, unknown>>): Promise<string> {
  const answer = await api.expect(200, 'POST', `/v1/sources/${source.id}/rotate-secret`, members);
  return (answer as { secret: string }).secret;
}

async function rotateUrl(source: Source, members?: Readonly<Record<string, unknown>>): Promise<Source> {
  return (await api.expect(200, 'POST', `/v1/sources/${source.id}/rotate-url`, members)) as Source;
}

/** The status of a request signed with each of these secrets. */
async function statuses(source: Source, secrets: readonly string[]): Promise<number[]> {
  const replies = [];
  for (const secret of secrets) replies.push(await arriveSigned({ ...source, secret }, superofficeBody()));
  return replies.map(({ status }) => status);
}

function posted(source: Source, inboundUrl: string, body = superofficeBody()): Promise<Reply> {
  return arriveSigned({ ...source, inboundUrl }, body);
}

describe('the secret of a source', () => {
  test('a new one counts at once; the one before verifies too as long as the overlap lasts', async () => {
    const source = await newSource();
    const secret = await rotateSecret(source);
    expect(secret).not.toBe(source.secret);
    expect(await statuses(source, [secret, source.secret, 'neither'])).toEqual([200, 200, 401]);
    expect(await api.expect(200, 'GET', `/v1/sources/${source.id}/secret`)).toEqual({ secret });
  });

  test('an own one is taken as it is', async () => {
    const source = await newSource();
    expect(await rotateSecret(source, { secret: 'sëcret–🔑' })).toBe('sëcret–🔑');
    expect(await statuses(source, ['sëcret–🔑', source.secret])).toEqual([200, 200]);
  });

  test('overlapSeconds 0: the one before is refused from the answer on', async () => {
    const source = await newSource();
    const secret = await rotateSecret(source, { overlapSeconds: 0 });
    expect(await statuses(source, [secret, source.secret])).toEqual([200, 401]);
  });

  test('overlapSeconds 1: both, and after it only the new one', async () => {
    const source = await newSource();
    const secret = await rotateSecret(source, { overlapSeconds: 1 });
    expect(await statuses(source, [secret, source.secret])).toEqual([200, 200]);
    await until(
      () => statuses(source, [source.secret]),
      ([status]) => status === 401,
    );
    expect(await statuses(source, [secret, source.secret])).toEqual([200, 401]);
  });

  test('several rotations: all of them verify in the overlap, and one without it ends all before it', async () => {
    const source = await newSource();
    const secrets = [source.secret];
    for (let count = 0; count < 4; count += 1) secrets.push(await rotateSecret(source));
    expect(await statuses(source, secrets)).toEqual([200, 200, 200, 200, 200]);
    const last = await rotateSecret(source, { overlapSeconds: 0 });
    expect(await statuses(source, [last, ...secrets])).toEqual([200, 401, 401, 401, 401, 401]);
  });

  test('a longer overlap later prolongs no shorter one', async () => {
    const source = await newSource();
    const second = await rotateSecret(source, { overlapSeconds: 1 });
    const third = await rotateSecret(source, { overlapSeconds: 86_400 });
    await until(
      () => statuses(source, [source.secret]),
      ([status]) => status === 401,
    );
    expect(await statuses(source, [third, second, source.secret])).toEqual([200, 200, 401]);
  });

  test('"" takes what is unsigned, from the answer on; a secret after it without overlap does not', async () => {
    const source = await newSource();
    expect((await arrive(source, superofficeBody())).status).toBe(401);
    await rotateSecret(source, { secret: '' });
    const { event } = await api.event(accepted(await arrive(source, superofficeBody())).id);
    expect(event).toMatchObject({ data: { verified: false } });
    const signed = accepted(await arriveSigned(source, superofficeBody()));
    expect((await api.event(signed.id)).event).toMatchObject({ data: { verified: true } });
    await rotateSecret(source, { overlapSeconds: 0 });
    expect((await arrive(source, superofficeBody())).status).toBe(401);
  });

  test('a source whose provider signs nothing has none to rotate: 409', async () => {
    const source = await newSource('deskera');
    const reply = await api.request('POST', `/v1/sources/${source.id}/rotate-secret`, {});
    expect(refusal(reply)).toBe('409 conflict');
  });
});

describe('the URL of a source', () => {
  test('both work in the overlap, for the same source: what came by one is a duplicate by the other', async () => {
    const source = await newSource();
    const rotated = await rotateUrl(source);
    expect(rotated.inboundUrl).not.toBe(source.inboundUrl);
    expect(rotated).toMatchObject({ id: source.id, name: 'rotated' });
    const body = superofficeBody({ EventId: randomUUID() });
    const { id } = accepted(await posted(source, source.inboundUrl, body));
    expect(accepted(await posted(source, rotated.inboundUrl, body))).toEqual({
      status: 'accepted',
      id,
      duplicate: true,
    });
    expect(await api.expect(200, 'GET', `/v1/sources/${source.id}`)).toMatchObject({
      inboundUrl: rotated.inboundUrl,
    });
  });

  test('overlapSeconds 0: the one before is a 404 from the answer on, for every method', async () => {
    const source = await newSource('deskera');
    const rotated = await rotateUrl(source, { overlapSeconds: 0 });
    for (const [method, suffix] of [
      ['POST', ''],
      ['POST', '/CREATE_CONTACT'],
      ['GET', ''],
      ['PUT', ''],
    ] as const) {
      const body = method === 'GET' ? {} : { body: '{}' };
      expect((await fetch(`${source.inboundUrl}${suffix}`, { method, ...body })).status).toBe(404);
    }
    accepted(await arrive(rotated, '{}', {}, '/CREATE_CONTACT'));
  });

  test('overlapSeconds 1: both, and after it only the new one', async () => {
    const source = await newSource();
    const rotated = await rotateUrl(source, { overlapSeconds: 1 });
    accepted(await posted(source, source.inboundUrl));
    accepted(await posted(source, rotated.inboundUrl));
    await until(
      () => posted(source, source.inboundUrl),
      ({ status }) => status === 404,
    );
    accepted(await posted(source, rotated.inboundUrl));
  });

  test('several rotations: all work in the overlap, and one without it ends all before it', async () => {
    const source = await newSource();
    const urls = [source.inboundUrl];
    for (let count = 0; count < 4; count += 1) urls.push((await rotateUrl(source)).inboundUrl);
    expect(new Set(urls).size).toBe(5);
    for (const url of urls) accepted(await posted(source, url));
    const last = await rotateUrl(source, { overlapSeconds: 0 });
    for (const url of urls) expect((await posted(source, url)).status).toBe(404);
    accepted(await posted(source, last.inboundUrl));
  });

  test('a deleted source stops at all of its URLs at once', async () => {
    const source = await newSource();
    const rotated = await rotateUrl(source);
    for (const url of [source.inboundUrl, rotated.inboundUrl]) accepted(await posted(source, url));
    await api.expect(204, 'DELETE', `/v1/sources/${source.id}`);
    for (const url of [source.inboundUrl, rotated.inboundUrl]) {
      expect((await posted(source, url)).status).toBe(404);
    }
  });

  test('secret and URL rotate apart from each other', async () => {
    const source = await newSource();
    const rotated = await rotateUrl(source);
    const secret = await rotateSecret(source, { overlapSeconds: 0 });
    for (const inboundUrl of [source.inboundUrl, rotated.inboundUrl]) {
      expect(await statuses({ ...source, inboundUrl }, [secret, source.secret])).toEqual([200, 401]);
    }
  });
});

describe('a call without a body', () => {
  test('is one with the defaults, whatever content type it names; other bodies need theirs', async () => {
    const source = await newSource();
    const path = `/v1/sources/${source.id}/rotate-secret`;
    expect((await api.request('POST', path)).status).toBe(200);
    expect((await api.request('POST', path, '')).status).toBe(200);
    const plain = { 'content-type': 'text/plain' };
    expect(refusal(await api.request('POST', path, '{}', plain))).toBe('415 unsupported-media-type');
    expect(refusal(await api.request('POST', path, '', plain))).toBe('415 unsupported-media-type');
    const untyped = { method: 'POST', headers: { authorization: `Bearer ${tenant.key}` } };
    const body = new Blob(['{}']).stream();
    const streamed = await fetch(`${relay.url}${path}`, { ...untyped, body, duplex: 'half' });
    expect(streamed.status).toBe(415);
    accepted(await arriveSigned(source, superofficeBody()));
  });
});

describe('what is refused', () => {
  test('a sixth secret or URL in force at a time; without an overlap there is room again', async () => {
    const source = await newSource();
    for (const path of ['rotate-secret', 'rotate-url']) {
      const rotate = (body: object) => api.request('POST', `/v1/sources/${source.id}/${path}`, body);
      for (let count = 2; count <= 5; count += 1) expect((await rotate({})).status).toBe(200);
      expect(refusal(await rotate({}))).toBe('409 conflict');
      expect((await rotate({ overlapSeconds: 0 })).status).toBe(200);
      expect((await rotate({})).status).toBe(200);
    }
  });

  test.each([
    ['/overlapSeconds', { overlapSeconds: -1 }],
    ['/overlapSeconds', { overlapSeconds: 1.5 }],
    ['/overlapSeconds', { overlapSeconds: '1' }],
    ['/overlapSeconds', { overlapSeconds: null }],
    ['/overlapSeconds', { overlapSeconds: 604_801 }],
    ['/overlap', { overlap: 1 }],
  ])('%s in %j, and nothing has changed', async (path, members) => {
    const source = await newSource();
    for (const call of ['rotate-secret', 'rotate-url']) {
      const reply = await api.request('POST', `/v1/sources/${source.id}/${call}`, members);
      expect(refusal(reply)).toBe(`400 invalid ${path}`);
    }
    accepted(await arriveSigned(source, superofficeBody()));
  });

  test('a secret of 401 characters, which is not repeated', async () => {
    const source = await newSource();
    for (const secret of ['hunter2'.repeat(60), 7, ['hunter2']]) {
      const reply = await api.request('POST', `/v1/sources/${source.id}/rotate-secret`, { secret });
      expect(refusal(reply)).toBe('400 invalid /secret');
      expect(reply.text).not.toContain('hunter2');
    }
    expect(await rotateSecret(source, { secret: 's'.repeat(400) })).toHaveLength(400);
  });

  test('a source that is not the caller’s: 404', async () => {
    const source = await newSource();
    const stranger = await newTenant(relay);
    for (const call of ['rotate-secret', 'rotate-url']) {
      const reply = await stranger.api.request('POST', `/v1/sources/${source.id}/${call}`);
      expect(refusal(reply)).toBe('404 not-found');
    }
    accepted(await arriveSigned(source, superofficeBody()));
  });
});

test('overlaps survive a kill -9, as long as they were to last and no longer', async () => {
  const kept = await newSource();
  const keptSecret = await rotateSecret(kept);
  const keptUrl = await rotateUrl(kept);
  const ended = await newSource();
  const endedSecret = await rotateSecret(ended, { overlapSeconds: 1 });
  const endedUrl = await rotateUrl(ended, { overlapSeconds: 1 });
  await relay.kill9();
  await relay.restart();
  for (const inboundUrl of [kept.inboundUrl, keptUrl.inboundUrl]) {
    expect(await statuses({ ...kept, inboundUrl }, [keptSecret, kept.secret])).toEqual([200, 200]);
  }
  await until(
    () => posted({ ...ended, secret: endedSecret }, ended.inboundUrl),
    ({ status }) => status === 404,
  );
  expect(await statuses(endedUrl, [endedSecret, ended.secret])).toEqual([200, 401]);
});
