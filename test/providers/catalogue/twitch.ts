import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a stream that went online',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'twitch-eventsub-message-id': 'm-1',
      'twitch-eventsub-message-timestamp': '2026-11-01T00:00:00.123456789Z',
      'twitch-eventsub-message-signature':
        'sha256=d83edaa1a374576a026c2b64a6b0607206133ea04fd242e2c6fc5625b36c1076',
    },
    body: '{"subscription":{"id":"f1c2a387","type":"stream.online","version":"1","status":"enabled"},"event":{"id":"9001","broadcaster_user_id":"1337"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'twitch.stream.online',
          subject: 'stream/1337',
          id: 'm-1',
        },
      ],
    },
  },
  {
    what: 'a subscription that is revoked',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'twitch-eventsub-message-id': 'm-2',
      'twitch-eventsub-message-type': 'revocation',
      'twitch-eventsub-message-timestamp': '2026-11-01T00:00:00.123456789Z',
      'twitch-eventsub-message-signature':
        'sha256=7d60d020622954025e2ff65b3956d307730c9549513ecfe8b05e778ce884037a',
    },
    body: '{"subscription":{"id":"f1c2a387","type":"stream.online","version":"1","status":"authorization_revoked"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'twitch.subscription.revoked',
          subject: 'subscription/f1c2a387',
          id: 'm-2',
          event: 'revocation',
        },
      ],
    },
  },
];
