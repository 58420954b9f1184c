import { type Description } from './description.ts';

export const workos: Description = {
  id: 'workos',
  name: 'WorkOS',
  docs: 'https://workos.com/docs/events/data-syncing/webhooks',
  setup: 'Dashboard, Webhooks, Create webhook: the inbound URL. The secret is shown on its page.',
  secret: {
    from: 'provider',
    label: 'Secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'workos-signature',
          encoding: 'hex',
          list: {
            separator: ', ',
            key: 'v1',
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
      name: '{/event}',
      entity: '{/event|before:.}',
      action: '{/event|after:.}',
      id: '{/id}',
      entityId: '{/data/id}',
      time: '{/created_at}',
      account: '{/data/organization_id}',
    },
  },
};
