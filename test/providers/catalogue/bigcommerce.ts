import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new order',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-posthorn-token': 'p1-secret-of-a-sample',
    },
    body: '{"scope":"store/order/created","store_id":"1025646","data":{"type":"order","id":250},"hash":"dd70c0976e06b67aaf671e73f49dcb79230ebf9d","created_at":1793491198,"producer":"stores/f0r1b2"}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'bigcommerce.order.created',
          subject: 'order/250',
          id: 'dd70c0976e06b67aaf671e73f49dcb79230ebf9d-1793491198',
          account: 'f0r1b2',
        },
      ],
    },
  },
];
