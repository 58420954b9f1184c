import { type Description } from './description.ts';

export const square: Description = {
  id: 'square',
  name: 'Square',
  docs: 'https://developer.squareup.com/docs/webhooks/step3validate',
  setup:
    'Developer Console, the application, Webhooks, Subscriptions, Add subscription: the inbound URL is the notification URL. The signature key is on the page of the subscription.',
  secret: {
    from: 'provider',
    label: 'Signature key',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-square-hmacsha256-signature',
          encoding: 'base64',
        },
        message: ['{url}', '{body}'],
      },
    ],
    event: {
      name: '{/type}',
      entity: '{/type|before:.}',
      action: '{/type|after:.}',
      id: '{/event_id}',
      entityId: '{/data/id}',
      time: '{/created_at}',
      account: '{/merchant_id}',
    },
  },
};
