import { type Description } from './description.ts';

export const paystack: Description = {
  id: 'paystack',
  name: 'Paystack',
  docs: 'https://paystack.com/docs/payments/webhooks/',
  setup:
    'Settings, API Keys and Webhooks: the inbound URL is the webhook URL. The secret key is on the same page.',
  secret: {
    from: 'provider',
    label: 'Secret key',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha512',
        signature: {
          header: 'x-paystack-signature',
          encoding: 'hex',
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: '{/event}',
      entity: '{/event|before:.}',
      action: '{/event|after:.}',
      entityId: '{/data/id}',
      time: ['{/data/paid_at}', '{/data/created_at}'],
    },
  },
};
