import { type Description } from './description.ts';

export const paddle: Description = {
  id: 'paddle',
  name: 'Paddle Billing',
  docs: 'https://developer.paddle.com/webhooks/signature-verification',
  setup:
    'Developer tools, Notifications, New destination: the inbound URL. The secret key is shown when the destination is edited.',
  secret: {
    from: 'provider',
    label: 'Secret key',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'paddle-signature',
          encoding: 'hex',
          list: {
            separator: ';',
            key: 'h1',
          },
        },
        timestamp: {
          list: 'ts',
          unit: 's',
        },
        message: ['{timestamp}', ':', '{body}'],
      },
    ],
    event: {
      name: '{/event_type}',
      entity: '{/event_type|before:.}',
      action: '{/event_type|after:.}',
      id: '{/event_id}',
      entityId: '{/data/id}',
      time: '{/occurred_at}',
    },
  },
};
