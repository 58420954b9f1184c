/**
 * Every described provider on the running relay: its samples are posted as they are recorded. What is bound to a time or an
 * URL is signed anew, with the secret of the vector where that is one and not a public key. The hosts of providers have the
 * keys of the samples.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../src/providers/catalogue/catalogue.ts';
import type { Description } from '../../src/providers/catalogue/description.ts';
import { samples as SNS_SAMPLES } from '../providers/catalogue/aws-sns.ts';
import { SAMPLE_URL, type Sample } from '../providers/catalogue/sample.ts';
import { call, refusal, type Page, type Reply } from '../support/api.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { alternativeOf, isSigned, keyPairOf, resigned, type SignedRequest } from '../support/signing.ts';
import { type Tenant, newTenant } from '../support/tenant.ts';

const WITH_SENDER_KEYS = join(import.meta.dirname, '..', 'support', 'workers', 'with-sender-keys.ts');

let relay: Relay;
let tenant: Tenant;
beforeAll(async () => {
  relay = await startRelay({ args: [WITH_SENDER_KEYS] });
  tenant = await newTenant(relay);
});
afterAll(() => relay.dispose());

interface Sent {
  readonly sourceId: string;
  readonly reply: Reply;
}

/** Posts a sample to a source of its own. */
async function post(description: Description, sample: Sample): Promise<Sent> {
  const { id: provider, recipe } = description;
  const lower = Object.entries(sample.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const recorded: SignedRequest = {
    method: sample.method ?? 'POST',
    url: sample.url ?? SAMPLE_URL,
    headers: Object.fromEntries(lower),
    body: sample.body,
  };
  const verification = alternativeOf(recipe.verify, recorded);
  const isBound =
    isSigned(verification) &&
    verification.each !== true &&
    sample.becomes.kind !== 'rejected' &&
    (verification.timestamp !== undefined || verification.message.some((part) => part.includes('{url')));
  const pair =
    isBound && verification.scheme !== 'hmac' && verification.scheme !== 'hash'
      ? keyPairOf(verification.scheme)
      : null;
  const secret = pair?.secret ?? sample.secret;
  const source = await tenant.api.createSource({
    provider,
    name: sample.what,
    ...(secret === null || secret === '' ? {} : { secret }),
    ...(sample.options === undefined ? {} : { options: sample.options }),
  });
  const query = recorded.url.includes('?') ? recorded.url.slice(recorded.url.indexOf('?')) : '';
  const path = sample.pathEventType === undefined ? '' : `/${encodeURIComponent(sample.pathEventType)}`;
  const here = { ...recorded, url: source.inboundUrl + path + query };
  const signing = { secret: pair?.privateKey ?? secret ?? '', nowMs: Date.now() };
  const { method, url, headers, body } = isBound ? resigned(verification, here, signing) : here;
  return {
    sourceId: source.id,
    reply: await call(method, url, method === 'GET' ? undefined : body, headers),
  };
}

async function typesOf(sourceId: string): Promise<unknown[]> {
  const page = await tenant.api.expect(200, 'GET', `/v1/events?sourceId=${sourceId}&order=asc&limit=200`);
  return (page as Page<{ type: string; subject?: string }>).data.map(({ type }) => type);
}

describe.each(CATALOGUE)('$id', (description) => {
  const { status = 200, refusedStatus = 401, body } = description.recipe.answer ?? {};

  test('takes what it sends, and nothing else', async () => {
    const { samples } = (await import(`../providers/catalogue/${description.id}.ts`)) as {
      samples: readonly Sample[];
    };
    const sent = await Promise.all(
      samples.map(async (sample) => ({ sample, ...(await post(description, sample)) })),
    );
    for (const { sample, sourceId, reply } of sent) {
      const { becomes, what } = sample;
      const got = { what, status: reply.status };
      switch (becomes.kind) {
        case 'events':
          expect(got).toEqual({ what, status });
          if (body !== undefined) expect(reply.text).toBe(body);
          expect({ what, types: await typesOf(sourceId) }).toEqual({
            what,
            types: becomes.events.map(({ type }) => type),
          });
          break;
        case 'test':
          expect(got).toEqual({ what, status });
          break;
        case 'handshake':
          expect({ ...got, text: reply.text }).toEqual({
            what,
            status: becomes.status ?? 200,
            text: becomes.body,
          });
          for (const [name, value] of Object.entries(becomes.headers ?? {}))
            expect(reply.headers.get(name)).toBe(value);
          break;
        case 'rejected':
          // By GET anybody may ask whether the URL is there, and is told no more.
          if (sample.method === 'GET')
            expect({ what, text: reply.text }).toEqual({ what, text: '{"status":"ok"}' });
          else expect(got).toEqual({ what, status: refusedStatus });
          break;
        case 'malformed':
          expect(got).toEqual({ what, status: 400 });
      }
      if (becomes.kind !== 'events') expect(await typesOf(sourceId)).toEqual([]);
    }
  });
});

describe('a confirmation', () => {
  const NOTIFICATION = 0;
  const REQUEST = 2;
  const confirm = (id: string) => tenant.api.request('POST', `/v1/sources/${id}/confirm`);

  test('is given when somebody says so, once, and nothing is called before', async () => {
    const description = CATALOGUE.find(({ id }) => id === 'aws-sns');
    const samples = SNS_SAMPLES;
    if (description === undefined) throw new Error('expected aws-sns');
    const { sourceId } = await post(description, samples[REQUEST] as Sample);
    const path = `/v1/sources/${sourceId}`;
    const asked = (await tenant.api.expect(200, 'GET', path)) as {
      confirmation: { requestedAt: string } | null;
    };
    expect(Date.parse(asked.confirmation?.requestedAt ?? '')).toBeGreaterThan(Date.now() - 60_000);
    expect(JSON.stringify(asked)).not.toContain('Token=');
    expect(await tenant.api.expect(200, 'PATCH', path, { ...asked, name: 'again' })).toMatchObject({
      confirmation: asked.confirmation,
    });
    expect((await confirm(sourceId)).body).toEqual({ confirmed: true, statusCode: 200 });
    expect(await tenant.api.expect(200, 'GET', path)).toMatchObject({ confirmation: null });
    expect(refusal(await confirm(sourceId))).toBe('409 conflict');
    const { data } = (await tenant.api.expect(200, 'GET', `/v1/audit?target=source/${sourceId}`)) as Page<{
      call: string;
      after: unknown;
    }>;
    expect(data[0]).toMatchObject({ call: `POST ${path}/confirm`, after: { confirmed: true } });
  });

  test('is not there to be given where none was asked for', async () => {
    const description = CATALOGUE.find(({ id }) => id === 'aws-sns') as Description;
    const { sourceId } = await post(description, SNS_SAMPLES[NOTIFICATION] as Sample);
    expect(refusal(await confirm(sourceId))).toBe('409 conflict');
    const github = await tenant.api.createSource({ provider: 'github', name: 'g', secret: 's' });
    expect(refusal(await confirm(github.id))).toBe('409 conflict');
    expect(refusal(await confirm('src_none'))).toBe('404 not-found');
  });

  test('a recipe of one’s own fetches no keys', async () => {
    const recipe = {
      verify: [
        {
          scheme: 'rsa',
          fetched: true,
          signature: { header: 'x-signature', encoding: 'base64' },
          message: ['{body}'],
        },
      ],
      event: { name: '{/type}' },
    };
    const body = { provider: 'custom', name: 'c', recipe };
    expect(refusal(await tenant.api.request('POST', '/v1/sources', body))).toBe(
      '400 invalid /recipe/verify/0/fetched',
    );
  });
});
