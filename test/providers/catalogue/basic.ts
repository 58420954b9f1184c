import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'an event',
    vector: 'none',
    secret: 'p2-secret-of-a-sample',
    options: {
      username: 'relay',
    },
    headers: {
      'content-type': 'application/json',
      authorization: 'Basic cmVsYXk6cDItc2VjcmV0LW9mLWEtc2FtcGxl',
    },
    body: '{"type":"order.created","id":7,"event_id":"e-1"}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'basic.order.created',
          subject: 'order/7',
          id: 'e-1',
        },
      ],
    },
  },
];
