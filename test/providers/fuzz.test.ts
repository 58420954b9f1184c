/**
 * Whatever is posted, the parsers of the providers and of their dialects give one of their documented answers: never a
 * throw, never half a record. What they take for an event is an envelope with the body unchanged in it, and can be told
 * in every format.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { base64Of } from '../../src/core/base64.ts';
import { bodyText, withoutBom } from '../../src/core/body.ts';
import {
  attributesOf,
  dataBody,
  sealOwn,
  sealProvider,
  structuredBody,
  withoutPayload,
  type SealedEnvelope,
} from '../../src/core/envelope.ts';
import { eventId } from '../../src/core/event-id.ts';
import { parsePattern } from '../../src/core/pattern.ts';
import { sign } from '../../src/core/signature.ts';
import { readPublished } from '../../src/providers/cloudevents/publish.ts';
import { DOCUMENTED_EVENTS } from '../../src/providers/deskera/event-name.ts';
import { readRegistration } from '../../src/providers/deskera/dialect.ts';
import { type Paths, type Provider } from '../../src/providers/provider.ts';
import { PROVIDERS, CODED_PROVIDER_NAMES, type CodedProviderName } from '../../src/providers/providers.ts';
import { deliveryBody, eventBody } from '../../src/providers/superoffice/delivery.ts';
import { patched, readPatch } from '../../src/providers/superoffice/patch.ts';
import { signatureOf } from '../../src/providers/superoffice/signature.ts';
import { canBeSaid, isFromSuperoffice, wordsFor } from '../../src/providers/superoffice/vocabulary.ts';
import { patternOfEvent, readWebhook } from '../../src/providers/superoffice/webhook.ts';
import { fuzz } from '../support/fuzz.ts';
import { mutated, random } from '../support/mutate.ts';
import { samplePaths, sampleText } from '../support/samples.ts';
import { OWN_EVENTS, PATCHES, PAYLOADS, REGISTRATIONS, WEBHOOKS } from '../support/valid-bodies.ts';
import { SOURCE_ID, arrived } from './arrived.ts';

const SECRET = `whsec_${base64Of(new Uint8Array(32))}`;
const NOW_SECONDS = 1_800_000_000;
const PLACE = { seq: 1, posthornId: eventId(0, 1, new Uint8Array(5)), recordedAtMs: 0 };
/** Of a machine that does other things besides. */
const TIMEOUT_MS = 300_000;
const ATTRIBUTE = /^[^\p{Cc}\p{Cs}]+$/u;

const bodiesOf = (valid: readonly string[]) =>
  fc.oneof({ weight: 7, arbitrary: mutated(valid) }, { weight: 1, arbitrary: random() });

const samplesOf = (pattern: RegExp) => samplePaths(pattern).map(sampleText).filter(isJson);

function isJson(text: string): boolean {
  return bodyText(new TextEncoder().encode(text)).kind === 'json';
}

const headers = fc.dictionary(
  fc.constantFrom('x-superoffice-eventid', 'x-hook-test', 'idempotency-key', 'content-type', 'svix-id'),
  fc.constantFrom('', 'true', 'a', 'text/plain', '\u00ff\u0085', 'x'.repeat(5000)),
  { maxKeys: 2 },
);
const names = fc.constantFrom(null, null, null, 'CREATE_CONTACT', 'a.b', '', '%', '__proto__', '\ud800');
const pointer = fc.constantFrom(
  '/id',
  '/Event',
  '/data/id',
  '/type',
  '',
  '/',
  '/0',
  '/__proto__/Event',
  '/a/a/a',
);
const paths: fc.Arbitrary<Paths> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record(
      { eventType: pointer, entityId: pointer, account: pointer, time: pointer, eventId: pointer },
      { requiredKeys: [] },
    ),
  },
);

/** As the sender signs it, by either rule. */
function signatures(body: Uint8Array): Record<string, string> {
  const signers = { secrets: [new Uint8Array(32)], secretKeys: [] };
  return {
    'x-superoffice-signature': signatureOf(body, SECRET),
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(NOW_SECONDS),
    'webhook-signature': sign(signers, 'msg_1', NOW_SECONDS, body),
  };
}

/** Everything that is made of a stored event. */
function expectToldInEveryFormat(sealed: SealedEnvelope, body: Uint8Array): void {
  const text = new TextDecoder().decode(structuredBody(sealed, body));
  if (!isJson(text)) throw new Error(`expected an envelope, got ${text}`);
  dataBody(sealed, body);
  if (attributesOf(sealed, body).get('type') !== sealed.type) throw new Error(`another type: ${text}`);
  const skeleton = withoutPayload(sealed, body);
  if (!isJson(skeleton.head)) throw new Error(`expected a skeleton, got ${skeleton.head}`);
  if (canBeSaid(sealed)) {
    const words = isFromSuperoffice(sealed) ? null : wordsFor(sealed);
    const occurrence = { eventId: sealed.id, timestamp: sealed.time ?? '', context: 'acme' };
    const said = deliveryBody(words === null ? body : eventBody(words, occurrence), 'own', { Team: 'North' });
    const told = JSON.parse(new TextDecoder().decode(said)) as Record<string, unknown>;
    if (told['WebhookName'] !== 'own' || told['Team'] !== 'North') throw new Error(`not told: ${text}`);
  }
}

const VALID: Record<CodedProviderName, readonly string[]> = {
  superoffice: [...PAYLOADS.superoffice, ...samplesOf(/^superoffice\/(delivery|other)_/)],
  deskera: [...PAYLOADS.deskera, ...samplesOf(/^deskera\//)],
  'standard-webhooks': PAYLOADS['standard-webhooks'],
  cloudevents: OWN_EVENTS,
};

/** Those whose bodies are read for facts. */
const READ_NAMES = CODED_PROVIDER_NAMES.filter((name) => name !== 'cloudevents');

describe.each(READ_NAMES)('what is posted to a source of %s', (name) => {
  const provider: Provider = PROVIDERS[name];

  test(
    'is verified over its bytes, and is an event that is told unchanged, a test, or malformed with evidence',
    () => {
      const kinds = new Map<string, number>();
      fc.assert(
        fc.property(bodiesOf(VALID[name]), headers, names, paths, (body, sent, pathEventType, pointers) => {
          const request = arrived(body, { ...signatures(body), ...sent }, pathEventType);
          const verdict = provider.verify(request, [SECRET], NOW_SECONDS * 1000);
          if (verdict === 'rejected') throw new Error('a good signature was rejected');
          const context = { paths: pointers, sourceId: SOURCE_ID, assurance: verdict };
          const reading = provider.read(request, context);
          kinds.set(reading.kind, (kinds.get(reading.kind) ?? 0) + 1);
          if (reading.kind === 'malformed' && (reading.expected === '' || reading.got === '')) {
            throw new Error('malformed without evidence');
          }
          const [item] = reading.kind === 'events' ? reading.items : [];
          if (item === undefined) return;
          const { facts } = item;
          const place = { ...PLACE, provider: name, sourceId: SOURCE_ID };
          const sealed = sealProvider(facts, { ...place, id: facts.id ?? 'new' });
          for (const text of [
            sealed.id,
            sealed.source,
            sealed.type,
            sealed.subject ?? 'none',
            sealed.time ?? '',
          ]) {
            if (!ATTRIBUTE.test(text)) throw new Error(`no attribute: ${JSON.stringify(text)}`);
          }
          if (!sealed.type.startsWith(`${name}.`)) throw new Error(`another provider: ${sealed.type}`);
          const told = new TextDecoder().decode(structuredBody(sealed, body));
          const kept =
            facts.raw.kind === 'json'
              ? `"raw":${new TextDecoder().decode(withoutBom(body))}}}`
              : `"rawBase64":"${base64Of(body)}"}}`;
          if (!told.endsWith(kept)) throw new Error('the body has changed');
          expectToldInEveryFormat(sealed, body);
        }),
        fuzz(22_000),
      );
      expect(kinds.get('events') ?? 0).toBeGreaterThan(1000);
    },
    TIMEOUT_MS,
  );
});

describe.each(CODED_PROVIDER_NAMES)('a request to a source of %s', (name) => {
  const provider: Provider = PROVIDERS[name];

  test(
    'changed after it was signed, or under another secret, is rejected where signatures are due',
    () => {
      const another = `whsec_${base64Of(new Uint8Array(32).fill(1))}`;
      const isSigned = provider.about.assurance === 'signature';
      fc.assert(
        fc.property(bodiesOf(VALID[name]), fc.nat(), (body, at) => {
          const request = arrived(body, signatures(body));
          const expected = isSigned ? 'rejected' : 'none';
          if (provider.verify(request, [another], NOW_SECONDS * 1000) !== expected)
            throw new Error('another secret');
          if (body.length === 0) return;
          const changed = body.slice();
          changed[at % body.length] = (changed[at % body.length] ?? 0) ^ (1 + (at % 255));
          const forged = arrived(changed, signatures(body));
          if (provider.verify(forged, [SECRET], NOW_SECONDS * 1000) !== expected)
            throw new Error('another body');
        }),
        fuzz(2_000),
      );
    },
    TIMEOUT_MS,
  );
});

test(
  'what is posted as an own event is one that is told with its members, or invalid with evidence',
  () => {
    let taken = 0;
    fc.assert(
      fc.property(bodiesOf(OWN_EVENTS), (body) => {
        const reading = readPublished(body);
        if (reading.kind === 'invalid') {
          if (reading.problems.length === 0) throw new Error('invalid without evidence');
          return;
        }
        taken += 1;
        const sealed = sealOwn(reading, PLACE);
        if (/^posthorn\./i.test(sealed.type)) throw new Error(`reserved: ${sealed.type}`);
        const told = JSON.parse(new TextDecoder().decode(structuredBody(sealed, body))) as Record<
          string,
          unknown
        >;
        const sent = JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>;
        const relayed = {
          sequence: told['sequence'],
          recordedtime: told['recordedtime'],
          posthornid: told['posthornid'],
        };
        expect(told).toEqual({ ...sent, ...relayed });
        expectToldInEveryFormat(sealed, body);
      }),
      fuzz(15_000),
    );
    expect(taken).toBeGreaterThan(500);
  },
  TIMEOUT_MS,
);

/** What a dialect makes of the body of a call: the edge has parsed it. */
function parsed(body: Uint8Array): unknown {
  const read = bodyText(body);
  return read.kind === 'json' ? (JSON.parse(read.text) as unknown) : undefined;
}

test(
  'a Deskera registration is a documented type and a URL, or refused with the names of its members',
  () => {
    let taken = 0;
    fc.assert(
      fc.property(bodiesOf([...REGISTRATIONS, ...samplesOf(/^deskera\/register_request/)]), (body) => {
        const reading = readRegistration(parsed(body), () => null);
        if (reading.ok) {
          taken += 1;
          expect(Object.keys(reading).sort()).toEqual(['eventType', 'ok', 'webhookUrl']);
          if (!DOCUMENTED_EVENTS.has(reading.eventType) || reading.webhookUrl === '')
            throw new Error('half of it');
        } else if (reading.errors.length === 0 || reading.errors.some(({ error }) => error === '')) {
          throw new Error('refused without evidence');
        }
      }),
      fuzz(10_000),
    );
    expect(taken).toBeGreaterThan(500);
  },
  TIMEOUT_MS,
);

test(
  'a SuperOffice webhook is one whose events are patterns, or refused with a message for each member',
  () => {
    let taken = 0;
    fc.assert(
      fc.property(bodiesOf([...WEBHOOKS, ...samplesOf(/^superoffice\/.*webhook/i)]), (body) => {
        const reading = readWebhook(parsed(body));
        if (reading.ok) {
          taken += 1;
          const { events, targetUrl, headers: sent } = reading.webhook;
          if (events.length === 0 || targetUrl === '') throw new Error('half of it');
          for (const event of events) {
            const pattern = parsePattern(patternOfEvent(event));
            if (!pattern.ok) throw new Error(`${event}: no pattern: ${pattern.expected}`);
          }
          if (Object.values(sent ?? {}).some((value) => typeof value !== 'string'))
            throw new Error('no header');
        } else if (reading.messages.length === 0 || reading.messages.includes('')) {
          throw new Error('refused without evidence');
        }
      }),
      fuzz(10_000),
    );
    expect(taken).toBeGreaterThan(500);
  },
  TIMEOUT_MS,
);

test(
  'a patch of a SuperOffice webhook changes a copy of it, differs, or is impossible, each with a message',
  () => {
    const entity = JSON.parse(WEBHOOKS[0]) as Record<string, unknown>;
    const before = JSON.stringify(entity);
    let taken = 0;
    fc.assert(
      fc.property(bodiesOf([...PATCHES, ...WEBHOOKS]), (body) => {
        const reading = readPatch(parsed(body));
        if (!reading.ok) {
          if (reading.message === '') throw new Error('refused without evidence');
          return;
        }
        const outcome = patched(entity, reading.patch);
        if (JSON.stringify(entity) !== before) throw new Error('the original has changed');
        if (outcome.kind === 'patched') {
          taken += 1;
          readWebhook(outcome.entity);
        } else if (outcome.message === '') throw new Error('no message');
        if (Object.keys(Object.prototype).length > 0) throw new Error('every object has changed');
      }),
      fuzz(10_000),
    );
    expect(taken).toBeGreaterThan(500);
  },
  TIMEOUT_MS,
);
