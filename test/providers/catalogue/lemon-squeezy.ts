import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new order',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-signature': '64b12f6b164613edaa9a490406ecc5f3334900edf4295ade6981b6456460d5ee',
    },
    body: '{"meta":{"event_name":"order_created"},"data":{"type":"orders","id":"1","attributes":{"store_id":1,"updated_at":"2026-10-31T23:59:58.000000Z"}}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'lemon-squeezy.order.created',
          subject: 'order/1',
          account: '1',
        },
      ],
    },
  },
];
