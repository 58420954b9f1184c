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
          id: '7b0d3f5a9c-DtVZLoBNb9Wotck3ubSNQaEatR3jBAP046O+IYkVPIo=',
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
  {
    what: 'a change',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-wc-webhook-topic': 'order.updated',
      'x-wc-webhook-delivery-id': '4d1e90aa72',
      'x-wc-webhook-source': 'https://shop.example.com/',
      'x-wc-webhook-signature': 'P6H+To9gWwxND/dJ5ysjoBqfUL6Kds41Yx5iHvU3Viw=',
    },
    body: '{"id":723,"status":"on-hold"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'woocommerce.order.updated',
          subject: 'order/723',
          id: '4d1e90aa72-P6H+To9gWwxND/dJ5ysjoBqfUL6Kds41Yx5iHvU3Viw=',
        },
      ],
    },
  },
  {
    what: 'another change in the same second, with the same delivery ID',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-wc-webhook-topic': 'order.updated',
      'x-wc-webhook-delivery-id': '4d1e90aa72',
      'x-wc-webhook-source': 'https://shop.example.com/',
      'x-wc-webhook-signature': 'BaHtdIduw/JEm21XWofS5dYtzcdBA++VY/ttyfuNDbg=',
    },
    body: '{"id":723,"status":"processing"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'woocommerce.order.updated',
          subject: 'order/723',
          id: '4d1e90aa72-BaHtdIduw/JEm21XWofS5dYtzcdBA++VY/ttyfuNDbg=',
        },
      ],
    },
  },
];
