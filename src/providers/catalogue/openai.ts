import { type Description } from './description.ts';

export const openai: Description = {
  id: 'openai',
  name: 'OpenAI',
  docs: 'https://platform.openai.com/docs/guides/webhooks',
  setup: 'Settings, Webhooks, Create: the inbound URL. The signing secret is shown once.',
  secret: {
    from: 'provider',
    label: 'Signing secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        key: 'whsec',
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
      time: '{/created_at|s}',
    },
  },
};
