import { type Description } from './description.ts';

export const adyen: Description = {
  id: 'adyen',
  name: 'Adyen',
  docs: 'https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures',
  setup:
    'Customer Area, Developers, Webhooks, Standard webhook: the inbound URL is the server URL, the format JSON. Generate the HMAC key on the page Security of the webhook.',
  secret: {
    from: 'provider',
    label: 'HMAC key',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        key: 'hex',
        signature: {
          body: '/NotificationRequestItem/additionalData/hmacSignature',
          encoding: 'base64',
        },
        message: [
          '{/NotificationRequestItem/pspReference|default:}',
          ':',
          '{/NotificationRequestItem/originalReference|default:}',
          ':',
          '{/NotificationRequestItem/merchantAccountCode|default:}',
          ':',
          '{/NotificationRequestItem/merchantReference|default:}',
          ':',
          '{/NotificationRequestItem/amount/value|default:}',
          ':',
          '{/NotificationRequestItem/amount/currency|default:}',
          ':',
          '{/NotificationRequestItem/eventCode|default:}',
          ':',
          '{/NotificationRequestItem/success|default:}',
        ],
        each: true,
      },
    ],
    split: '/notificationItems',
    event: {
      name: '{/NotificationRequestItem/eventCode}',
      // What failed first may succeed later.
      id: '{/NotificationRequestItem/pspReference}-{/NotificationRequestItem/eventCode}-{/NotificationRequestItem/success|default:}',
      entityId: '{/NotificationRequestItem/pspReference}',
      time: '{/NotificationRequestItem/eventDate}',
      account: '{/NotificationRequestItem/merchantAccountCode}',
    },
    answer: {
      body: '[accepted]',
      contentType: 'text/plain',
    },
  },
};
