import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'the request of a published vector',
    vector: 'https://github.com/square/square-nodejs-sdk',
    secret: 'asdf1234',
    url: 'https://example.com/webhook',
    headers: {
      'content-type': 'application/json',
      'x-square-hmacsha256-signature': '2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=',
    },
    body: '{"hello":"world"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'square.event.received',
        },
      ],
    },
  },
  {
    what: 'a changed payment',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-square-hmacsha256-signature': 'zdQxcXGx+aHewE7vL9BcIacKfspW053Qf8JnPmveauM=',
    },
    body: '{"merchant_id":"6SSW7HV8K2ST5","type":"payment.updated","event_id":"6a8f5f28-54a1-4eb0-a98a-3111513fd4fc","created_at":"2026-10-31T23:59:58.123Z","data":{"type":"payment","id":"hYy9pRFVxpDsO1FB05SunFWUe9JZY","object":{}}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'square.payment.updated',
          subject: 'payment/hYy9pRFVxpDsO1FB05SunFWUe9JZY',
          id: '6a8f5f28-54a1-4eb0-a98a-3111513fd4fc',
          account: '6SSW7HV8K2ST5',
          time: '2026-10-31T23:59:58.123Z',
        },
      ],
    },
  },
];
