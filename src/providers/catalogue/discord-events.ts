import { type Description } from './description.ts';

export const discordEvents: Description = {
  id: 'discord-events',
  name: 'Discord webhook events',
  docs: 'https://discord.com/developers/docs/events/webhook-events',
  setup:
    'Developer Portal, the application, Webhooks: the inbound URL is the endpoint; the public key is on the page General Information.',
  secret: {
    from: 'public-key',
    label: 'Public key',
  },
  recipe: {
    verify: [
      {
        scheme: 'ed25519',
        signature: {
          header: 'x-signature-ed25519',
          encoding: 'hex',
        },
        timestamp: {
          header: 'x-signature-timestamp',
          unit: 's',
          // It is sent again for up to ten minutes.
          toleranceSeconds: 900,
        },
        message: ['{timestamp}', '{body}'],
      },
    ],
    handshake: [
      {
        when: {
          body: '/type',
          equals: '0',
        },
        signed: true,
        reply: {
          status: 204,
        },
      },
    ],
    event: {
      name: '{/event/type}',
      entityId: ['{/event/data/user/id}', '{/event/data/id}'],
      time: '{/event/timestamp}',
      account: '{/application_id}',
    },
    answer: {
      status: 204,
      body: '',
      contentType: 'text/plain',
    },
  },
};
