import { type Description } from './description.ts';

export const shopware: Description = {
  id: 'shopware',
  name: 'Shopware 6',
  docs: 'https://developer.shopware.com/docs/guides/plugins/apps/webhook.html',
  setup:
    'The manifest of the app: the inbound URL is the url of a webhook. The secret is the one that the shop gave the app at its registration.',
  secret: {
    from: 'provider',
    label: 'Shop secret of the app',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'shopware-shop-signature',
          encoding: 'hex',
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: '{/data/event}',
      entity: '{/data/event|before:.}',
      action: '{/data/event|after:.}',
      id: '{/source/eventId}',
      entityId: ['{/data/payload/0/primaryKey}', '{/data/payload/order/id}', '{/data/payload/customer/id}'],
      time: '{/timestamp|s}',
      account: '{/source/shopId}',
    },
  },
};
