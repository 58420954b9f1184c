import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'an event',
    vector: 'none',
    secret: 'p2-secret-of-a-sample',
    options: {
      header: 'x-api-key',
    },
    pathEventType: 'order.updated',
    headers: {
      'content-type': 'application/json',
      'x-api-key': 'p2-secret-of-a-sample',
    },
    body: '{"id":7}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'token-header.order.updated',
          subject: 'order/7',
        },
      ],
    },
  },
];
