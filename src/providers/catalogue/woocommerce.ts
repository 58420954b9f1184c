import { type Description } from './description.ts';

export const woocommerce: Description = {
  id: 'woocommerce',
  name: 'WooCommerce',
  docs: 'https://developer.woocommerce.com/docs/apis/rest-api/v3/webhooks/',
  setup:
    'WooCommerce, Settings, Advanced, Webhooks, Add webhook: the inbound URL is the delivery URL; enter the secret there.',
  secret: {
    from: 'relay',
    label: 'Secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-wc-webhook-signature',
          encoding: 'base64',
        },
        message: ['{body}'],
      },
    ],
    ignore: [
      {
        when: {
          form: 'webhook_id',
        },
        signed: false,
      },
    ],
    event: {
      name: '{header:x-wc-webhook-topic}',
      entity: '{header:x-wc-webhook-topic|before:.}',
      action: '{header:x-wc-webhook-topic|after:.}',
      // Two deliveries in the same second have the same delivery ID. Only the signature tells their bodies apart.
      id: '{header:x-wc-webhook-delivery-id}-{header:x-wc-webhook-signature}',
      entityId: '{/id}',
      account: '{header:x-wc-webhook-source}',
    },
  },
};
