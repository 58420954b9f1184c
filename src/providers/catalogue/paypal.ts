import { type Description } from './description.ts';

export const paypal: Description = {
  id: 'paypal',
  name: 'PayPal',
  docs: 'https://developer.paypal.com/api/rest/webhooks/rest/',
  setup:
    'Developer Dashboard, Apps & Credentials, the app, Add Webhook: the inbound URL and the events. The list then shows the webhook’s ID, which is part of what PayPal signs. Events of the webhooks simulator are not signed for it.',
  secret: { from: 'none', label: '' },
  options: { webhookId: { label: 'Webhook ID' } },
  recipe: {
    verify: [
      {
        scheme: 'rsa',
        digest: 'sha256',
        fetched: true,
        when: { header: 'paypal-auth-algo', equals: 'SHA256withRSA' },
        signature: { header: 'paypal-transmission-sig', encoding: 'base64' },
        message: [
          '{header:paypal-transmission-id}|{header:paypal-transmission-time}|{option:webhookId}|',
          '{crc32}',
        ],
      },
    ],
    event: {
      name: '{/event_type}',
      entity: ['{/event_type|before:.}', '{/event_type}'],
      action: '{/event_type|after:.}',
      id: '{/id}',
      entityId: '{/resource/id}',
      time: '{/create_time}',
    },
  },
  keys: {
    named: { header: 'paypal-cert-url' },
    url: '{value}',
    allowed: /^https:\/\/api(-m)?(\.sandbox)?\.paypal\.com\/v1\/notifications\/certs\/[0-9A-Za-z-]{1,100}$/,
  },
};
