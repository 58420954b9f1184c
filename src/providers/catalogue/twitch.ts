import { type Description } from './description.ts';

export const twitch: Description = {
  id: 'twitch',
  name: 'Twitch EventSub',
  docs: 'https://dev.twitch.tv/docs/eventsub/handling-webhook-events/',
  setup:
    'POST to /helix/eventsub/subscriptions with the inbound URL as callback and the secret in transport.',
  secret: {
    from: 'relay',
    label: 'Secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'twitch-eventsub-message-signature',
          encoding: 'hex',
          prefix: 'sha256=',
        },
        timestamp: {
          header: 'twitch-eventsub-message-timestamp',
          unit: 'iso',
          toleranceSeconds: 600,
        },
        message: ['{header:twitch-eventsub-message-id}', '{timestamp}', '{body}'],
      },
    ],
    handshake: [
      {
        when: [
          {
            body: '/challenge',
          },
          {
            header: 'twitch-eventsub-message-type',
            equals: 'webhook_callback_verification',
          },
        ],
        signed: true,
        reply: {
          echo: true,
          contentType: 'text/plain',
        },
      },
    ],
    event: {
      // A subscription that is revoked says so in the header alone.
      name: [
        '{header:twitch-eventsub-message-type|after-first:revocation|prefix:revocation}',
        '{/subscription/type}',
      ],
      entity: [
        '{header:twitch-eventsub-message-type|after-first:revocation|prefix:subscription}',
        '{/subscription/type|before:.}',
      ],
      action: [
        '{header:twitch-eventsub-message-type|after-first:revocation|prefix:revoked}',
        '{/subscription/type|after:.}',
      ],
      id: '{header:twitch-eventsub-message-id}',
      entityId: ['{/event/broadcaster_user_id}', '{/event/user_id}', '{/subscription/id}'],
      time: '{header:twitch-eventsub-message-timestamp}',
    },
  },
};
