/** Every provider of the catalogue, by its file and its samples. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sealProvider } from '../../src/core/envelope.ts';
import { eventId } from '../../src/core/event-id.ts';
import { RecipeSchema } from '../../src/http/native/recipe-schema.ts';
import { CATALOGUE } from '../../src/providers/catalogue/catalogue.ts';
import { type Arrived, type Provider, type Reading } from '../../src/providers/provider.ts';
import { senderKeysOf } from '../../src/providers/providers.ts';
import { keyUrl } from '../../src/providers/sender-key/sender-keys.ts';
import { compile } from '../../src/providers/recipe/compile.ts';
import { describedProvider } from '../../src/providers/catalogue/described.ts';
import {
  SAMPLE_SOURCE,
  SAMPLE_TIME,
  SAMPLE_URL,
  senderKeyOf,
  type ExpectedEvent,
  type Sample,
} from './catalogue/sample.ts';

const FILES = join(import.meta.dirname, '..', '..', 'src', 'providers', 'catalogue');
/** Files that describe no provider. */
const OTHERS = ['catalogue.ts', 'described.ts', 'description.ts'];

test('the catalogue lists each file of its folder once, by its name', () => {
  const files = readdirSync(FILES).filter((file) => !OTHERS.includes(file));
  expect(CATALOGUE.map(({ id }) => `${id}.ts`).sort()).toEqual(files.sort());
});

describe.each(CATALOGUE)('$id', (description) => {
  const { id, recipe, options = {} } = description;

  test('is described in full', () => {
    expect(id).toMatch(/^[a-z0-9][a-z0-9-]*$/);
    expect(description.docs).toMatch(/^https:\/\//);
    expect(description.setup).toMatch(/.{40,}/);
    expect(description.secret.label === '').toBe(description.secret.from === 'none');
  });

  test('has a recipe as anybody could post it', () => {
    expect(RecipeSchema.safeParse(recipe).error?.issues ?? []).toEqual([]);
    const given = Object.fromEntries(
      Object.entries(options).map(([name, option]) => [name, option.default ?? 'x-given']),
    );
    expect(compile(recipe, given, description.keys !== undefined)).toMatchObject({ ok: true });
  });

  test('has samples, one of an event at least, and each becomes what it says', async () => {
    const samples = await samplesOf(id);
    expect(samples.some(({ becomes }) => becomes.kind === 'events' && becomes.events.length > 0)).toBe(true);
    for (const sample of samples) {
      const provider = describedProvider(description, sample.options ?? {});
      if (provider === null) throw new Error(`${id} cannot be read with the options of ${sample.what}`);
      expect({ what: sample.what, ...outcomeOf(id, provider, sample) }).toMatchObject({
        what: sample.what,
        ...sample.becomes,
      });
    }
  });
});

async function samplesOf(id: string): Promise<readonly Sample[]> {
  const file = (await import(`./catalogue/${id}.ts`)) as { readonly samples: readonly Sample[] };
  return file.samples;
}

function outcomeOf(id: string, provider: Provider, sample: Sample): object {
  const arrived: Arrived = {
    method: sample.method ?? 'POST',
    url: sample.url ?? SAMPLE_URL,
    body: new TextEncoder().encode(sample.body),
    headers: new Map(Object.entries(sample.headers).map(([name, value]) => [name.toLowerCase(), value])),
    pathEventType: sample.pathEventType ?? null,
    senderKey: senderKeyOf(sample),
  };
  const keys = senderKeysOf(id);
  expect(keys && keyUrl(keys, arrived)).toBe(keys === null ? null : (sample.keyUrl ?? null));
  const { at = SAMPLE_TIME } = sample;
  const nowMs = typeof at === 'number' ? at * 1000 : Date.parse(at);
  const secrets = sample.secret === null ? [] : [sample.secret];
  for (const secret of secrets) expect(provider.readSecret(secret)).toEqual({ ok: true, secret });
  for (const name of arrived.headers.keys()) {
    if (provider.headers !== 'all' && name !== 'content-type') expect(provider.headers).toContain(name);
  }
  const greeted = provider.greet?.(arrived, secrets) ?? null;
  if (greeted !== null) return shown(id, greeted, '', nowMs);
  const verdict = provider.verify(arrived, secrets, nowMs);
  if (verdict === 'rejected') return { kind: 'rejected' };
  const reading = provider.read(arrived, { paths: {}, sourceId: SAMPLE_SOURCE, assurance: verdict }, secrets);
  return shown(id, reading, verdict, nowMs);
}

function shown(provider: string, reading: Reading, assurance: string, nowMs: number): object {
  if (reading.kind === 'handshake') return { kind: reading.kind, ...reading.reply, secret: reading.secret };
  if (reading.kind !== 'events') return reading;
  const events = reading.items.map(({ facts }, at): ExpectedEvent => {
    const place = { seq: at + 1, posthornId: eventId(0, at + 1, new Uint8Array(5)), recordedAtMs: nowMs };
    const context = { ...place, provider, sourceId: SAMPLE_SOURCE, id: facts.id ?? '' };
    const { id, type, subject, source, time } = sealProvider(facts, context);
    return { id, type, subject, source, time: time ?? '', event: facts.event, account: facts.account };
  });
  return { kind: 'events', assurance, events };
}
