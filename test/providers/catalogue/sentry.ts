import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new issue',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'sentry-hook-resource': 'issue',
      'sentry-hook-timestamp': '1793491198',
      'request-id': '4eab',
      'sentry-hook-signature': 'db785cfcb462f8b1cff78c3fd182073f81ddc9a642d67d923a233ce2aa2f1591',
    },
    body: '{"action":"created","installation":{"uuid":"a8e5d37a"},"data":{"issue":{"id":"1170820242"}},"actor":{"type":"application"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'sentry.issue.created',
          subject: 'issue/1170820242',
          id: '4eab',
          account: 'a8e5d37a',
          time: '2026-10-31T23:59:58.000Z',
        },
      ],
    },
  },
];
