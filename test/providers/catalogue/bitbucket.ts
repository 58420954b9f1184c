import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a created pull request',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-event-key': 'pullrequest:created',
      'x-request-uuid': 'r-1',
      'x-hub-signature': 'sha256=f01697a15b28b2c47bf3e17361dda4e2284723c7d7c4f9eb76570b00a5880a88',
    },
    body: '{"pullrequest":{"id":7},"repository":{"uuid":"{a1}","full_name":"example/relay"},"actor":{}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'bitbucket.pullrequest.created',
          subject: 'pullrequest/7',
          id: 'r-1',
          account: 'example/relay',
        },
      ],
    },
  },
];
