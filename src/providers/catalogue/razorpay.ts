import { type Description } from './description.ts';

export const razorpay: Description = {
  id: 'razorpay',
  name: 'Razorpay',
  docs: 'https://razorpay.com/docs/webhooks/validate-test/',
  setup: 'Account and settings, Webhooks, Add new webhook: the inbound URL; enter the secret there.',
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
          header: 'x-razorpay-signature',
          encoding: 'hex',
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: '{/event}',
      entity: '{/event|before:.}',
      action: '{/event|after:.}',
      id: '{header:x-razorpay-event-id}',
      entityId: [
        '{/payload/refund/entity/id}',
        '{/payload/dispute/entity/id}',
        '{/payload/subscription/entity/id}',
        '{/payload/invoice/entity/id}',
        '{/payload/payment_link/entity/id}',
        '{/payload/order/entity/id}',
        '{/payload/payment/entity/id}',
      ],
      time: '{/created_at|s}',
      account: '{/account_id}',
    },
  },
};
