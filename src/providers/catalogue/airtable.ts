import { type Description } from './description.ts';

export const airtable: Description = {
  id: 'airtable',
  name: 'Airtable',
  docs: 'https://airtable.com/developers/web/api/webhooks-overview',
  setup:
    'POST to /v0/bases/{baseId}/webhooks with the inbound URL as notificationUrl. macSecretBase64 is in the answer; a webhook ends after seven days unless it is refreshed.',
  secret: {
    from: 'provider',
    label: 'macSecretBase64',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        key: 'base64',
        signature: {
          header: 'x-airtable-content-mac',
          encoding: 'hex',
          prefix: 'hmac-sha256=',
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: 'base.changed',
      entityId: '{/base/id}',
      time: '{/timestamp}',
      account: '{/base/id}',
    },
  },
};
