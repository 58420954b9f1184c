import { type Description } from './description.ts';

export const mux: Description = {
  id: 'mux',
  name: 'Mux',
  docs: 'https://www.mux.com/docs/core/verify-webhook-signatures',
  setup: 'Settings, Webhooks, Create new webhook: the inbound URL. The signing secret is shown on its page.',
  secret: {
    from: 'provider',
    label: 'Signing secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'mux-signature',
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
      name: '{/type}',
      entity: '{/type|before:.}',
      action: '{/type|after:.}',
      id: '{/id}',
      entityId: '{/object/id}',
      time: '{/created_at}',
      account: '{/environment/id}',
    },
  },
};
