import { type Description } from './description.ts';

export const linear: Description = {
  id: 'linear',
  name: 'Linear',
  docs: 'https://linear.app/developers/webhooks',
  setup:
    'Settings, API, Webhooks, New webhook: the inbound URL. The signing secret is shown on the page of the webhook.',
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
          header: 'linear-signature',
          encoding: 'hex',
        },
        timestamp: {
          body: '/webhookTimestamp',
          unit: 'ms',
          toleranceSeconds: 60,
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: '{/type}.{/action}',
      entity: '{/type}',
      action: '{/action}',
      id: '{header:linear-delivery}',
      entityId: '{/data/id}',
      time: '{/createdAt}',
      account: '{/organizationId}',
    },
  },
};
