import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sealProvider, structuredBody } from '../../src/core/envelope.ts';
import { eventId } from '../../src/core/event-id.ts';
import { readPublished } from '../../src/providers/cloudevents/publish.ts';
import { type Provider } from '../../src/providers/provider.ts';
import { PROVIDERS, CODED_PROVIDER_NAMES } from '../../src/providers/providers.ts';
import { SOURCE_ID, arrived, read } from './arrived.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const memberName = fc.oneof(
  fc.constantFrom(
    'Event',
    'EventId',
    'Entity',
    'PrimaryKey',
    'Changes',
    'Values',
    'id',
    'type',
    'data',
    '__proto__',
  ),
  anyText,
);
const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.json().map((text) => new TextEncoder().encode(text)),
  fc
    .array(
      fc.tuple(
        memberName,
        fc.oneof(
          fc.json(),
          anyText.map((text) => JSON.stringify(text)),
        ),
      ),
    )
    .map((members) => members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(','))
    .map((text) => new TextEncoder().encode(`{${text}}`)),
);
const headers = fc.dictionary(
  fc.constantFrom(
    'x-superoffice-signature',
    'x-superoffice-eventid',
    'x-hook-test',
    'webhook-id',
    'webhook-timestamp',
    'webhook-signature',
    'content-type',
  ),
  anyText,
);
const pointers = fc.record(
  {
    eventType: anyText,
    entityId: fc.constantFrom('/id', '/Event', '/data/id', ''),
    account: anyText,
    time: anyText,
  },
  { requiredKeys: [] },
);

describe.each(CODED_PROVIDER_NAMES)('%s', (name) => {
  const provider: Provider = PROVIDERS[name];
  const secret = provider.newSecret(new Uint8Array(32)) ?? '';

  test('is one folder of that name', () => {
    expect(existsSync(join(import.meta.dirname, '..', '..', 'src', 'providers', name, 'inbound.ts'))).toBe(
      true,
    );
  });

  test('takes the secret that it makes for its own', () => {
    const made = provider.newSecret(new Uint8Array(32).fill(7));
    if (made !== null) expect(provider.readSecret(made)).toMatchObject({ ok: true, secret: made });
  });

  test('throws on nothing that arrives, and what it takes for an event can be sealed', () => {
    fc.assert(
      fc.property(bodies, headers, fc.option(anyText), pointers, (body, sent, pathEventType, paths) => {
        const request = arrived(body, sent, pathEventType);
        expect(['signature', 'none', 'rejected']).toContain(provider.verify(request, [secret], 0));
        const reading = read(provider, request, paths);
        const [item] = reading.kind === 'events' ? reading.items : [];
        if (item === undefined) return;
        const { facts } = item;
        const sealed = sealProvider(facts, {
          provider: name,
          sourceId: SOURCE_ID,
          id: facts.id ?? 'new',
          seq: 1,
          posthornId: eventId(0, 1, new Uint8Array(5)),
          recordedAtMs: 0,
        });
        const envelope = JSON.parse(new TextDecoder().decode(structuredBody(sealed, body))) as Record<
          string,
          string
        >;
        for (const attribute of [
          envelope.id,
          envelope.source,
          envelope.type,
          envelope.subject ?? 'none',
          envelope.time,
        ]) {
          expect(attribute).toMatch(/^[^\p{Cc}\p{Cs}]+$/u);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('publishing throws on nothing that is posted', () => {
  fc.assert(
    fc.property(bodies, (body) => {
      expect(['event', 'invalid']).toContain(readPublished(body).kind);
    }),
  );
});
