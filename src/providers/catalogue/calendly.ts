import { type Description } from './description.ts';

export const calendly: Description = {
  id: 'calendly',
  name: 'Calendly',
  docs: 'https://developer.calendly.com/api-docs/4c305798a61d3-webhook-signatures',
  setup: 'POST to /webhook_subscriptions with the inbound URL as url and the secret as signing_key.',
  secret: {
    from: 'relay',
    label: 'signing_key',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'calendly-webhook-signature',
          encoding: 'hex',
          list: {
            separator: ',',
            key: 'v1',
          },
        },
        timestamp: {
          list: 't',
          unit: 's',
        },
        message: ['{timestamp}', '.', '{body}'],
      },
    ],
    event: {
      name: '{/event}',
      entity: '{/event|before:.}',
      action: '{/event|after:.}',
      entityId: '{/payload/uri|after:/}',
      time: '{/created_at}',
      account: '{/created_by|after:/}',
    },
  },
};
