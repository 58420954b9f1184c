import { type Description } from './description.ts';

export const polar: Description = {
  id: 'polar',
  name: 'Polar',
  docs: 'https://polar.sh/docs/integrate/webhooks/delivery',
  setup:
    'Settings, Webhooks, Add endpoint: the inbound URL, format Raw. The secret is your own, or made there.',
  secret: {
    from: 'provider',
    label: 'Signing secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        key: 'text',
        signature: {
          header: 'webhook-signature',
          encoding: 'base64',
          list: {
            separator: ' ',
            key: 'v1',
            assign: ',',
          },
        },
        timestamp: {
          header: 'webhook-timestamp',
          unit: 's',
        },
        message: ['{header:webhook-id}', '.', '{timestamp}', '.', '{body}'],
      },
    ],
    event: {
      name: '{/type}',
      entity: '{/type|before:.}',
      action: '{/type|after:.}',
      id: '{header:webhook-id}',
      entityId: '{/data/id}',
      time: '{/timestamp}',
    },
  },
};
