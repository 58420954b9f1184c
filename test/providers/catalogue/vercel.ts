import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new deployment',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-vercel-signature': 'cdc2a4f8b53fcad31b8bbd259e363a312c668991',
    },
    body: '{"type":"deployment.created","id":"uev_1","createdAt":1793491198123,"region":"sfo1","payload":{"team":{"id":"team_1"},"deployment":{"id":"dpl_1","url":"x.example.app"}}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'vercel.deployment.created',
          subject: 'deployment/dpl_1',
          id: 'uev_1',
          time: '2026-10-31T23:59:58.123Z',
          account: 'team_1',
        },
      ],
    },
  },
];
