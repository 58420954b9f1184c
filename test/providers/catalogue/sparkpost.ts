import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'two events',
    vector: 'none',
    secret: 'p2-secret-of-a-sample',
    options: {
      username: 'relay',
    },
    headers: {
      'content-type': 'application/json',
      authorization: 'Basic cmVsYXk6cDItc2VjcmV0LW9mLWEtc2FtcGxl',
    },
    body: '[{"msys":{"message_event":{"type":"delivery","event_id":"92356927693813856","message_id":"000443ee14578172be22","timestamp":"1793491198","customer_id":"1337"}}},{"msys":{"track_event":{"type":"open","event_id":"92356927693813857","message_id":"000443ee14578172be22","timestamp":"1793491199","customer_id":"1337"}}}]',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'sparkpost.message.delivery',
          subject: 'message/000443ee14578172be22',
          id: '92356927693813856',
          time: '2026-10-31T23:59:58.000Z',
          account: '1337',
        },
        {
          type: 'sparkpost.message.open',
        },
      ],
    },
  },
];
