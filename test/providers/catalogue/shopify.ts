import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new order',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-shopify-topic': 'orders/create',
      'x-shopify-event-id': '98880550-7158-44d4-b7cd-2c97c8a091b5',
      'x-shopify-webhook-id': 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
      'x-shopify-shop-domain': 'example.myshopify.com',
      'x-shopify-triggered-at': '2026-10-31T23:59:58.123456789Z',
      'x-shopify-hmac-sha256': 'JMhoxMN6cova/KNBZjAgqY8X0cF+61HyJs85Xf6vY2g=',
    },
    body: '{"id":820982911946154500,"email":"ada@example.com","total_price":"100.00","currency":"EUR","line_items":[]}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'shopify.orders.created',
          subject: 'orders/820982911946154500',
          id: '98880550-7158-44d4-b7cd-2c97c8a091b5',
          account: 'example.myshopify.com',
          event: 'orders/create',
        },
      ],
    },
  },
  {
    what: 'a paid order',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-shopify-topic': 'orders/paid',
      'x-shopify-event-id': '98880550-7158-44d4-b7cd-2c97c8a091b5',
      'x-shopify-webhook-id': 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
      'x-shopify-shop-domain': 'example.myshopify.com',
      'x-shopify-triggered-at': '2026-10-31T23:59:58.123456789Z',
      'x-shopify-hmac-sha256': 'JMhoxMN6cova/KNBZjAgqY8X0cF+61HyJs85Xf6vY2g=',
    },
    body: '{"id":820982911946154500,"email":"ada@example.com","total_price":"100.00","currency":"EUR","line_items":[]}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'shopify.orders.paid',
          subject: 'orders/820982911946154500',
        },
      ],
    },
  },
  {
    what: 'a stock level, which has no ID of its own',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-shopify-topic': 'inventory_levels/update',
      'x-shopify-event-id': '98880550-7158-44d4-b7cd-2c97c8a091b6',
      'x-shopify-shop-domain': 'example.myshopify.com',
      'x-shopify-hmac-sha256': 'IPpKpTKJNgxABFPoCnNncIUUv6gxvij+ggKT8tmu5p0=',
    },
    body: '{"inventory_item_id":271878346596884015,"location_id":24826418,"available":4}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'shopify.inventory_levels.updated',
          subject: 'inventory_levels/271878346596884015-24826418',
          id: '98880550-7158-44d4-b7cd-2c97c8a091b6',
        },
      ],
    },
  },
];
