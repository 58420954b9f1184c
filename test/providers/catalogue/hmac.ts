import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'an event',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-signature-256': 'sha256=1e96c83a2fd8deb3963c949edcea77f6c61cff100cbd80c05c72a378dbd1160f',
    },
    body: '{"type":"order.created","id":7}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'hmac.order.created',
          subject: 'order/7',
        },
      ],
    },
  },
];
