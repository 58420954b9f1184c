import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'two events',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'webhook-signature': '26e870821018019619327137aac2de9eaf3ee4d281a6b360d75c7dc53603475a',
    },
    body: '{"events":[{"id":"EV123","created_at":"2026-10-31T23:59:58.000Z","action":"confirmed","resource_type":"payments","links":{"payment":"PM123"},"details":{"origin":"gocardless","cause":"payment_confirmed"}},{"id":"EV124","created_at":"2026-10-31T23:59:58.000Z","action":"cancelled","resource_type":"mandates","links":{"mandate":"MD123","organisation":"OR1"},"details":{}}]}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'gocardless.payments.confirmed',
          subject: 'payments/PM123',
          id: 'EV123',
          time: '2026-10-31T23:59:58.000Z',
        },
        {
          type: 'gocardless.mandates.cancelled',
          subject: 'mandates/MD123',
          id: 'EV124',
          account: 'OR1',
        },
      ],
    },
  },
  {
    what: 'an activated scheme identifier',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'webhook-signature': '497c9601cb9e84ae0148b3e217c91276e2f4cc8776a099e017d812baefbc3003',
    },
    body: '{"events":[{"id":"EV124","created_at":"2026-10-31T23:59:58.000Z","resource_type":"scheme_identifiers","action":"activated","links":{"scheme_identifier":"SU222"}}]}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        { type: 'gocardless.scheme_identifiers.activated', subject: 'scheme_identifiers/SU222', id: 'EV124' },
      ],
    },
  },
];
