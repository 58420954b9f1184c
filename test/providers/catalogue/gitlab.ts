import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'an opened merge request',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-gitlab-event': 'Merge Request Hook',
      'x-gitlab-event-uuid': '13792a34-cac6-4fda-95a8-c58e00a3954e',
      'idempotency-key': 'f5e5f430-f57b-4e6e-9fac-d9128cd7232f',
      'x-gitlab-token': 'p1-secret-of-a-sample',
    },
    body: '{"object_kind":"merge_request","event_type":"merge_request","user":{"id":1,"username":"ada"},"project":{"id":15,"path_with_namespace":"example/relay"},"object_attributes":{"id":99,"iid":1,"action":"open","state":"opened"}}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'gitlab.merge_request.open',
          subject: 'merge_request/99',
          id: 'f5e5f430-f57b-4e6e-9fac-d9128cd7232f',
          account: 'example/relay',
          event: 'Merge Request Hook',
        },
      ],
    },
  },
  {
    what: 'a closed issue, signed',
    vector: 'own',
    secret: 'whsec_c2FtcGxlLXNlY3JldC1vZi1leGFjdGx5LTMyLWJ5dGU=',
    headers: {
      'content-type': 'application/json',
      'x-gitlab-event': 'Issue Hook',
      'x-gitlab-webhook-uuid': '1f3a2b10-0001-4fda-95a8-c58e00a3954e',
      'x-gitlab-event-uuid': '13792a34-cac6-4fda-95a8-c58e00a3954e',
      'idempotency-key': 'f5e5f430-f57b-4e6e-9fac-d9128cd7232f',
      'webhook-id': 'f5e5f430-f57b-4e6e-9fac-d9128cd7232f',
      'webhook-timestamp': '1793491200',
      'webhook-signature': 'v1,PZRFSBV5KhdBeP0zI9ADz9KNOoXoTGr0yK5YNBUGH6Y=',
    },
    body: '{"object_kind":"issue","user":{"id":1,"username":"ada"},"project":{"id":15,"path_with_namespace":"example/relay"},"object_attributes":{"id":301,"iid":23,"action":"close","state":"closed"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        { type: 'gitlab.issue.close', subject: 'issue/301', id: 'f5e5f430-f57b-4e6e-9fac-d9128cd7232f' },
      ],
    },
  },
  {
    what: 'the same with another body',
    vector: 'own',
    secret: 'whsec_c2FtcGxlLXNlY3JldC1vZi1leGFjdGx5LTMyLWJ5dGU=',
    headers: {
      'content-type': 'application/json',
      'x-gitlab-event': 'Issue Hook',
      'x-gitlab-webhook-uuid': '1f3a2b10-0001-4fda-95a8-c58e00a3954e',
      'x-gitlab-event-uuid': '13792a34-cac6-4fda-95a8-c58e00a3954e',
      'idempotency-key': 'f5e5f430-f57b-4e6e-9fac-d9128cd7232f',
      'webhook-id': 'f5e5f430-f57b-4e6e-9fac-d9128cd7232f',
      'webhook-timestamp': '1793491200',
      'webhook-signature': 'v1,PZRFSBV5KhdBeP0zI9ADz9KNOoXoTGr0yK5YNBUGH6Y=',
    },
    body: '{"object_kind":"issue","user":{"id":1,"username":"ada"},"project":{"id":15,"path_with_namespace":"example/relay"},"object_attributes":{"id":301,"iid":23,"action":"close","state":"closed"}} ',
    becomes: { kind: 'rejected' },
  },
  {
    what: 'an issue from before there were idempotency keys, set off by another webhook',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-gitlab-event': 'Issue Hook',
      'x-gitlab-webhook-uuid': '1f3a2b10-0001-4fda-95a8-c58e00a3954e',
      'x-gitlab-event-uuid': '13792a34-cac6-4fda-95a8-c58e00a3954e',
      'x-gitlab-token': 'p1-secret-of-a-sample',
    },
    body: '{"object_kind":"issue","user":{"id":1,"username":"ada"},"project":{"id":15,"path_with_namespace":"example/relay"},"object_attributes":{"id":301,"iid":23,"action":"close","state":"closed"}}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [{ type: 'gitlab.issue.close', id: '1f3a2b10-0001-4fda-95a8-c58e00a3954e' }],
    },
  },
];
