import { type Description } from './description.ts';

export const slack: Description = {
  id: 'slack',
  name: 'Slack',
  docs: 'https://docs.slack.dev/authentication/verifying-requests-from-slack/',
  setup:
    'The app, Event Subscriptions: the inbound URL is the request URL. The signing secret is on the page Basic Information.',
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
          header: 'x-slack-signature',
          encoding: 'hex',
          prefix: 'v0=',
        },
        timestamp: {
          header: 'x-slack-request-timestamp',
          unit: 's',
        },
        message: ['v0:', '{timestamp}', ':', '{body}'],
      },
    ],
    handshake: [
      {
        when: [
          {
            body: '/challenge',
          },
          {
            body: '/type',
            equals: 'url_verification',
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
      name: ['{/event/type}', '{/type}'],
      id: '{/event_id}',
      entityId: ['{/event/channel}', '{/event/item/channel}', '{/event/channel_id}'],
      time: '{/event_time|s}',
      account: '{/team_id}',
      actor: '{/event/user}',
    },
  },
};
