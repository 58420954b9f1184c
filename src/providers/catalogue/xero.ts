import { type Description } from './description.ts';

export const xero: Description = {
  id: 'xero',
  name: 'Xero',
  docs: 'https://developer.xero.com/documentation/guides/webhooks/overview/',
  setup:
    'My Apps, the app, Webhooks: the inbound URL is the delivery URL. The webhooks key is on the same page; enter it here before you send Intent to receive.',
  secret: {
    from: 'provider',
    label: 'Webhooks key',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-xero-signature',
          encoding: 'base64',
        },
        message: ['{body}'],
      },
    ],
    split: '/events',
    event: {
      name: '{/eventCategory}/{/eventType}',
      entity: '{/eventCategory}',
      action: '{/eventType}',
      entityId: '{/resourceId}',
      // In UTC, and without a zone.
      time: ['{/eventDateUtc|before:Z|suffix:Z}', '{/eventDateUtc|suffix:Z}'],
      account: '{/tenantId}',
    },
    answer: {
      body: '',
      contentType: 'text/plain',
    },
  },
};
