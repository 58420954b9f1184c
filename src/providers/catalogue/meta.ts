import { type Description } from './description.ts';

export const meta: Description = {
  id: 'meta',
  name: 'Meta (Facebook, Instagram, WhatsApp)',
  docs: 'https://developers.facebook.com/docs/graph-api/webhooks/getting-started',
  setup:
    'App dashboard, Webhooks: the inbound URL is the callback URL, the verify token that of this source. The app secret is on the page Basic settings.',
  secret: {
    from: 'provider',
    label: 'App secret',
  },
  options: {
    verifyToken: {
      label: 'Verify token',
    },
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-hub-signature-256',
          encoding: 'hex',
          prefix: 'sha256=',
        },
        message: ['{body}'],
      },
    ],
    handshake: [
      {
        when: [
          {
            query: 'hub.challenge',
          },
          {
            query: 'hub.verify_token',
            equals: '{option:verifyToken}',
          },
        ],
        reply: {
          echo: true,
        },
      },
    ],
    split: '/entry',
    event: {
      name: ['{body:/object}.{/changes/0/field}', '{body:/object}'],
      entity: '{body:/object}',
      action: '{/changes/0/field}',
      entityId: '{/id}',
      // In seconds, of messages in milliseconds.
      time: ['{/time|s}', '{/time|ms}'],
      account: '{/id}',
    },
  },
};
