import { type Description } from './description.ts';

export const webflow: Description = {
  id: 'webflow',
  name: 'Webflow',
  docs: 'https://developers.webflow.com/data/docs/working-with-webhooks',
  setup:
    'Create the webhook by the API with the inbound URL as url. The secret is the client secret of the app, or the one that the API answers.',
  secret: {
    from: 'provider',
    label: 'Client secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-webflow-signature',
          encoding: 'hex',
        },
        timestamp: {
          header: 'x-webflow-timestamp',
          unit: 'ms',
        },
        message: ['{timestamp}', ':', '{body}'],
      },
    ],
    event: {
      name: '{/triggerType}',
      entity: ['{/triggerType|before:_}', '{/triggerType}'],
      action: '{/triggerType|after:_}',
      entityId: ['{/payload/id}', '{/payload/_id}'],
      account: '{/payload/siteId}',
    },
  },
};
