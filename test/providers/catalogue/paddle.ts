import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a completed transaction, signed with two keys',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'paddle-signature':
        'ts=1793491200;h1=0000000000000000000000000000000000000000000000000000000000000000;h1=e1f836b0fe73699001c0bfc63bb3a4c0dbc96a0b5560df09745e68009353d803',
    },
    body: '{"event_id":"evt_01hv8x29kz0t586xy6zn1a62ny","event_type":"transaction.completed","occurred_at":"2026-10-31T23:59:58.123456Z","notification_id":"ntf_1","data":{"id":"txn_1","status":"completed"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'paddle.transaction.completed',
          subject: 'transaction/txn_1',
          id: 'evt_01hv8x29kz0t586xy6zn1a62ny',
          time: '2026-10-31T23:59:58.123456Z',
        },
      ],
    },
  },
];
