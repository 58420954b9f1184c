import { type Description } from './description.ts';

export const shopify: Description = {
  id: 'shopify',
  name: 'Shopify',
  docs: 'https://shopify.dev/docs/apps/build/webhooks/subscribe/https',
  setup:
    'The app’s configuration, or Settings, Notifications, Webhooks: the inbound URL, format JSON. The secret is the app’s client secret, or the one that is shown below the webhooks.',
  secret: {
    from: 'provider',
    label: 'Client secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-shopify-hmac-sha256',
          encoding: 'base64',
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: '{header:x-shopify-topic}',
      entity: '{header:x-shopify-topic|before:/}',
      action: '{header:x-shopify-topic|after:/}',
      id: ['{header:x-shopify-event-id}', '{header:x-shopify-webhook-id}'],
      entityId: ['{/id}', '{/inventory_item_id}-{/location_id}'],
      time: '{header:x-shopify-triggered-at}',
      account: '{header:x-shopify-shop-domain}',
    },
  },
};
