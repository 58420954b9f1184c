import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'an event',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1793491200',
      'webhook-signature': 'v1,jM9cTK5Is4ZestQdOBgJkNVIx1609ncIcYGxPR/jccQ=',
    },
    body: '{"type":"order.created","timestamp":"2026-10-31T23:59:58.123Z","data":{"id":"a1b2c3"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'polar.order.created',
          subject: 'order/a1b2c3',
          id: 'msg_1',
        },
      ],
    },
  },
  {
    what: 'the same with another body',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1793491200',
      'webhook-signature': 'v1,jM9cTK5Is4ZestQdOBgJkNVIx1609ncIcYGxPR/jccQ=',
    },
    body: '{"type":"order.created","timestamp":"2026-10-31T23:59:58.123Z","data":{"id":"a1b2c3"}} ',
    becomes: {
      kind: 'rejected',
    },
  },
];
