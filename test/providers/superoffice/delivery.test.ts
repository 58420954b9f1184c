/** A delivery as SuperOffice sends it: own name, properties that override nothing, the rest to the letter. */
import { describe, expect, test } from 'vitest';
import {
  deliveryBody,
  deliveryHeaders,
  eventBody,
  testEventBody,
  type Properties,
} from '../../../src/providers/superoffice/delivery.ts';
import { noSamples, sampleBytes, sampleJson, samplePaths } from '../../support/samples.ts';

function body(raw: string, properties: Properties | null = null, name = 'own'): string {
  return new TextDecoder().decode(deliveryBody(new TextEncoder().encode(raw), name, properties));
}

describe('the body', () => {
  test('has the hook’s own name in place of the one it came with, and is else unchanged to the letter', () => {
    expect(
      body('{ "PrimaryKey" : 9223372036854775807 , "x":100.0,"WebhookName":"theirs","y":"\\u00e9" }'),
    ).toBe('{"PrimaryKey" : 9223372036854775807,"x":100.0,"y":"\\u00e9","WebhookName":"own"}');
  });

  test('has a name also when it came without one, and none of any spelling besides', () => {
    expect(body('{}')).toBe('{"WebhookName":"own"}');
    expect(body('{"webhookname":1,"WEBHOOKNAME":2}')).toBe('{"WebhookName":"own"}');
    expect(body('{"a":1}', null, 'Bjørn "Ærlig" 顧客 ✅')).toBe(
      '{"a":1,"WebhookName":"Bjørn \\"Ærlig\\" 顧客 ✅"}',
    );
  });

  test.each([
    'EventId',
    'Timestamp',
    'Changes',
    'Values',
    'Event',
    'PrimaryKey',
    'Entity',
    'ContextIdentifier',
    'ChangedByAssociateId',
    'WebhookName',
    'FieldValues',
  ])('a property named %s, in any case, replaces nothing and adds nothing', (name) => {
    for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) {
      expect(body(`{"${name}":"real"}`, { [spelling]: 'fake' })).not.toContain('fake');
      expect(body('{"a":1}', { [spelling]: 'fake' })).toBe('{"a":1,"WebhookName":"own"}');
    }
  });

  test('other properties are merged in and win over members of that name', () => {
    expect(body('{"a":1,"Custom":"theirs"}', { custom: { deep: [1, null] }, more: true })).toBe(
      '{"a":1,"custom":{"deep":[1,null]},"more":true,"WebhookName":"own"}',
    );
  });

  test('names from the language itself are names like any other', () => {
    const properties = JSON.parse('{"__proto__":1,"constructor":2}') as Properties;
    expect(body('{"toString":3}', properties)).toBe(
      '{"toString":3,"__proto__":1,"constructor":2,"WebhookName":"own"}',
    );
  });

  test('a byte order mark does not go out', () => {
    expect(body('\ufeff{"a":1}')).toBe('{"a":1,"WebhookName":"own"}');
  });

  test('every sample keeps each of its members but the name', () => {
    const paths = samplePaths(/superoffice\/delivery_.*\.json$/);
    expect(paths.length).toBeGreaterThan(noSamples ? 9 : 40);
    for (const path of paths) {
      const sent = JSON.parse(body(new TextDecoder().decode(sampleBytes(path)), { Extra: 1 })) as object;
      expect(sent).toEqual({ ...(sampleJson(path) as object), WebhookName: 'own', Extra: 1 });
    }
  });
});

describe('the headers', () => {
  const about = { event: 'contact.changed', eventId: '8337ae4a-1dd6-40fd-8dc7-a050664a0af7', retry: 0 };
  const bytes = (text: string) => new TextEncoder().encode(text);

  test('are the four of SuperOffice and its content type', () => {
    expect(deliveryHeaders({ ...about, retry: 2 }, 's', bytes('{}'))).toEqual({
      'content-type': 'application/json; charset=utf-8',
      'x-superoffice-event': 'contact.changed',
      'x-superoffice-eventid': '8337ae4a-1dd6-40fd-8dc7-a050664a0af7',
      'x-superoffice-retry': '2',
      'x-superoffice-signature': 'FDyo1Re6GxgQJdcysc8nXZAQT8pXuwKlZVQpeKoYxLY=',
    });
  });

  test('without a secret have no signature', () => {
    expect(deliveryHeaders(about, null, bytes('{}'))).not.toHaveProperty('x-superoffice-signature');
  });

  test.skipIf(noSamples)('the signature is that of every published vector', () => {
    const { superoffice } = sampleJson('signature-vectors.json') as {
      superoffice: { vectors: { secret: string; body: string; signature: string }[] };
    };
    expect(superoffice.vectors.length).toBeGreaterThan(3);
    for (const { secret, body: text, signature } of superoffice.vectors) {
      expect(deliveryHeaders(about, secret, bytes(text))['x-superoffice-signature']).toBe(signature);
    }
  });

  test('x-hook-test marks the test event and no other', () => {
    expect(deliveryHeaders({ ...about, event: 'test' }, null, bytes(''))['x-hook-test']).toBe('true');
    expect(deliveryHeaders(about, null, bytes(''))).not.toHaveProperty('x-hook-test');
  });
});

describe('an event of another origin', () => {
  const said = (timestamp: string) =>
    JSON.parse(
      new TextDecoder().decode(
        eventBody(
          { event: 'contact.created', entity: 'contact', primaryKey: 42 },
          { eventId: 'e1', timestamp, context: 'acme' },
        ),
      ),
    ) as Record<string, unknown>;

  test('has the members of SuperOffice’s own, names no columns and nobody', () => {
    expect(said('2026-01-01T00:00:00Z')).toEqual({
      EventId: 'e1',
      Timestamp: '2026-01-01T00:00:00Z',
      Changes: [],
      Event: 'contact.created',
      PrimaryKey: 42,
      Entity: 'contact',
      ContextIdentifier: 'acme',
      ChangedByAssociateId: 0,
    });
  });

  test.each([
    ['2018-04-24T07:50:50.6812131Z', '2018-04-24T07:50:50.6812131Z'],
    ['2018-04-24t07:50:50z', '2018-04-24t07:50:50z'],
    ['2018-04-24T09:50:50.5+02:00', '2018-04-24T07:50:50.500Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:60Z'],
    ['2016-12-31T23:59:60+00:00', '2016-12-31T23:59:60+00:00'],
  ])('happened in UTC: %s is %s', (time, timestamp) => {
    expect(said(time)).toMatchObject({ Timestamp: timestamp });
  });
});

describe('the test event', () => {
  test.skipIf(noSamples)('has the members of the vendor’s own', () => {
    const mine = JSON.parse(
      new TextDecoder().decode(
        deliveryBody(testEventBody('id', '2020-01-01T00:00:00Z', 'acme'), 'own', null),
      ),
    ) as Record<string, unknown>;
    const theirs = sampleJson('superoffice/delivery_test.json') as Record<string, unknown>;
    expect(Object.keys(mine).sort()).toEqual(Object.keys(theirs).sort());
    expect(mine).toMatchObject({
      Event: theirs['Event'],
      Entity: theirs['Entity'],
      PrimaryKey: theirs['PrimaryKey'],
      Changes: theirs['Changes'],
    });
  });
});
