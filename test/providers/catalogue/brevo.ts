import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a delivered message',
    vector: 'none',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-posthorn-token': 'p2-secret-of-a-sample',
    },
    body: '{"id":26224,"event":"delivered","email":"ada@example.com","date":"2026-11-01 00:59:58","ts":1793491198,"message-id":"<202610312359.1@smtp-relay.example.com>","ts_epoch":1793491198123}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'brevo.message.delivered',
          subject: 'message/<202610312359.1@smtp-relay.example.com>',
          time: '2026-10-31T23:59:58.123Z',
        },
      ],
    },
  },
  {
    what: 'one without the header',
    vector: 'none',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"id":26224,"event":"delivered","email":"ada@example.com","date":"2026-11-01 00:59:58","ts":1793491198,"message-id":"<202610312359.1@smtp-relay.example.com>","ts_epoch":1793491198123}',
    becomes: {
      kind: 'rejected',
    },
  },
];
