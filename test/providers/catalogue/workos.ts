import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new user',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'workos-signature':
        't=1793491200000, v1=c1acc718dbb918cb0aad84fa909592503f897938144c3c1bba7c5b169e98a593',
    },
    body: '{"event":"dsync.user.created","id":"event_01","created_at":"2026-10-31T23:59:58.123Z","data":{"id":"directory_user_1","organization_id":"org_1"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'workos.dsync.user.created',
          subject: 'dsync.user/directory_user_1',
          id: 'event_01',
          account: 'org_1',
        },
      ],
    },
  },
];
