import { type Description } from './description.ts';

export const zohoPayments: Description = {
  id: 'zoho-payments',
  name: 'Zoho Payments',
  docs: 'https://www.zoho.com/us/payments/developerdocs/webhooks/overview/',
  setup:
    'Settings, Developer Space, Webhooks, New: the inbound URL is the endpoint URL. The signing key is shown in the details of the webhook.',
  secret: {
    from: 'provider',
    label: 'Signing key',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-zoho-webhook-signature',
          encoding: 'hex',
          list: {
            separator: ',',
            key: 'v',
          },
        },
        timestamp: {
          list: 't',
          unit: 'ms',
        },
        message: ['{timestamp}', '.', '{body}'],
      },
    ],
    event: {
      name: '{/event_type}',
      entity: '{/event_type|before:.}',
      action: '{/event_type|after:.}',
      id: '{/event_id}',
      entityId: ['{/event_object/payment/payment_id}', '{/event_object/refund/refund_id}'],
      time: '{/event_time|ms}',
      account: '{/account_id}',
    },
  },
};
