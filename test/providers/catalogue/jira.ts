import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a changed issue',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-atlassian-webhook-identifier': '9b2f9c2e-0001',
      'x-hub-signature': 'sha256=83b4df5f657f313741484823c448324f038f482f4721bc72e292b3e9af63951b',
    },
    body: '{"timestamp":1793491198123,"webhookEvent":"jira:issue_updated","issue_event_type_name":"issue_generic","user":{"accountId":"5b10a2844c20165700ede21g"},"issue":{"id":"10002","key":"EX-1","fields":{"summary":"Brass"}},"changelog":{"id":"10124","items":[]}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'jira.issue.updated',
          subject: 'issue/EX-1',
          id: '9b2f9c2e-0001',
          time: '2026-10-31T23:59:58.123Z',
          event: 'jira:issue_updated',
        },
      ],
    },
  },
  {
    what: 'a new comment',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-atlassian-webhook-identifier': '9b2f9c2e-0001',
      'x-hub-signature': 'sha256=708c806238bcb5ec2d62cbc5ecc23103f0f5b77638c460371f2a4a751994d632',
    },
    body: '{"timestamp":1793491198123,"webhookEvent":"comment_created","comment":{"id":"10005","body":"Hi"},"issue":{"id":"10002","key":"EX-1"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'jira.comment.created',
          subject: 'comment/10005',
        },
      ],
    },
  },
];
