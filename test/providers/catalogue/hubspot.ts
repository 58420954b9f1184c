import { type Sample } from './sample.ts';

const SECRET = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy';
const BODY =
  '[{"eventId":100,"subscriptionId":35,"portalId":624,"occurredAt":1793491199000,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123},{"eventId":100,"subscriptionId":36,"portalId":624,"occurredAt":1793491199500,"subscriptionType":"contact.propertyChange","attemptNumber":0,"objectId":124,"propertyName":"firstname","propertyValue":"Ann"}]';
const EVENTS = [
  {
    type: 'hubspot.contact.created',
    subject: 'contact/123',
    id: '100-35-123-1793491199000',
    source: '/hubspot/624',
    time: '2026-10-31T23:59:59.000Z',
    event: 'contact.creation',
  },
  {
    type: 'hubspot.contact.updated',
    subject: 'contact/124',
    id: '100-36-124-1793491199500',
    source: '/hubspot/624',
    time: '2026-10-31T23:59:59.500Z',
    event: 'contact.propertyChange',
  },
];

export const samples: readonly Sample[] = [
  {
    what: 'two events, signed by version 3',
    vector: 'own',
    secret: SECRET,
    headers: {
      'content-type': 'application/json',
      'x-hubspot-request-timestamp': '1793491200000',
      'x-hubspot-signature-v3': 'ldUgPupILZ2QrGIItZEQTH7cGDt4m5zIAgbPynGVI40=',
    },
    body: BODY,
    becomes: { kind: 'events', assurance: 'signature', events: EVENTS },
  },
  {
    what: 'two events, signed by version 1',
    vector: 'own',
    secret: SECRET,
    headers: {
      'x-hubspot-signature-version': 'v1',
      'x-hubspot-signature': '742e0198fc98747741de9853bd39020159458c95dc9fb29231daccc15bf5ed9e',
    },
    body: BODY,
    becomes: { kind: 'events', assurance: 'signature', events: EVENTS },
  },
  {
    what: 'the body and URL of a published vector, which is no list of events',
    vector: 'https://github.com/HubSpot/hubspot-api-python/blob/master/tests/unit/utils/test_signature.py',
    secret: SECRET,
    at: 1693657560,
    url: 'https://www.example.com/webhook_uri',
    headers: {
      'x-hubspot-request-timestamp': '1693657560000',
      'x-hubspot-signature-v3': 'K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=',
    },
    body: "{'example_field':'example_value'}",
    becomes: { kind: 'malformed' },
  },
  {
    what: 'an empty list to a URL with escapes, which are signed decoded',
    vector: 'own',
    secret: 'autopilot-test-client-secret-0001',
    at: 1790000004,
    url: 'https://example.com/api/hubspot/webhooks?src=hs%3Aapp%2Fv3&x=%28a%29',
    headers: {
      'x-hubspot-request-timestamp': '1790000004000',
      'x-hubspot-signature-v3': 'G8ddQlikFQ0ScZOZn+MHQ0E3WCV7vOJTzKlvrkvbvuk=',
    },
    body: '[]',
    becomes: { kind: 'events', assurance: 'signature', events: [] },
  },
  {
    what: 'the same, signed as it stands',
    vector: 'own',
    secret: 'autopilot-test-client-secret-0001',
    at: 1790000004,
    url: 'https://example.com/api/hubspot/webhooks?src=hs%3Aapp%2Fv3&x=%28a%29',
    headers: {
      'x-hubspot-request-timestamp': '1790000004000',
      'x-hubspot-signature-v3': 'KKwrtu49d26FrUsDQdYcfAcwFssKn+cmyppOAUwOO/Q=',
    },
    body: '[]',
    becomes: { kind: 'rejected' },
  },
  {
    what: 'a changed association, signed by version 2',
    vector: 'own',
    secret: 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy',
    headers: {
      'content-type': 'application/json',
      'x-hubspot-signature-version': 'v2',
      'x-hubspot-signature': '008a2bd4d0120eaec263cca9999cfedbe9ffe3d99913e2a1fe3f1e46b4cb8733',
    },
    body: '[{"eventId":100,"subscriptionId":37,"portalId":624,"occurredAt":1793491199000,"subscriptionType":"contact.associationChange","attemptNumber":1,"fromObjectId":123,"toObjectId":900,"associationType":"CONTACT_TO_COMPANY","associationRemoved":false}]',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'hubspot.contact.associationchange.received',
          subject: 'contact.associationchange/123',
          id: '100-37-123-900-1793491199000',
        },
      ],
    },
  },
  {
    what: 'the body and URL of a published vector of version 2, which is no list of events',
    vector: 'https://legacydocs.hubspot.com/docs/faq/v2-request-validation',
    secret: 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy',
    url: 'https://www.example.com/webhook_uri',
    headers: {
      'x-hubspot-signature-version': 'v2',
      'x-hubspot-signature': '9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900',
    },
    body: '{"example_field":"example_value"}',
    becomes: { kind: 'malformed' },
  },
];
