import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new order',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-wc-webhook-topic': 'order.created',
      'x-wc-webhook-delivery-id': '7b0d3f5a9c',
      'x-wc-webhook-source': 'https://shop.example.com/',
      'x-wc-webhook-signature': 'DtVZLoBNb9Wotck3ubSNQaEatR3jBAP046O+IYkVPIo=',
    },
    body: '{"id":723,"number":"723","status":"processing","total":"100.00","currency":"EUR"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'woocommerce.order.created',
          subject: 'order/723',
          id: '7b0d3f5a9c',
          account: 'https://shop.example.com/',
        },
      ],
    },
  },
  {
    what: 'the first ping, which is not signed',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'webhook_id=12',
    becomes: {
      kind: 'test',
    },
  },
];
