import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'an event',
    vector: 'none',
    secret: null,
    pathEventType: 'order.deleted',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"id":7}',
    becomes: {
      kind: 'events',
      assurance: 'none',
      events: [
        {
          type: 'url-secret.order.deleted',
          subject: 'order/7',
        },
      ],
    },
  },
];
