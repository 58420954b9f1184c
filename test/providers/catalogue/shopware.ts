import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a changed product',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'shopware-shop-signature': '97d1a5cc1124e879177b632e75431eb0db9de39ecc9258c69292d7887f4db7e2',
    },
    body: '{"data":{"payload":[{"entity":"product","operation":"update","primaryKey":"7b04ebe416db4ebc93de4d791325e1d9","updatedFields":["id","name"]}],"event":"product.written"},"source":{"url":"https://shop.example.com","appVersion":"0.0.1","shopId":"dgrH7nLU6tlE","eventId":"7b04ebe416db4ebc93de4d791325e1da"},"timestamp":1793491198}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'shopware.product.written',
          subject: 'product/7b04ebe416db4ebc93de4d791325e1d9',
          id: '7b04ebe416db4ebc93de4d791325e1da',
          account: 'dgrH7nLU6tlE',
        },
      ],
    },
  },
];
