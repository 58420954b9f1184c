import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'an event',
    vector: 'own',
    secret: 'whsec_c2FtcGxlLXNlY3JldC1vZi1leGFjdGx5LTMyLWJ5dGU=',
    headers: {
      'content-type': 'application/json',
      'svix-id': 'msg_1',
      'svix-timestamp': '1793491200',
      'svix-signature': 'v1,XrcOB8Go4I5wXuKfdlKASkkMmXvNCbDKIfea5vBl3vg=',
    },
    body: '{"type":"email.delivered","created_at":"2026-10-31T23:59:58.123Z","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618","to":["ada@example.com"]}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'resend.email.delivered',
          subject: 'email/56761188-7520-42d8-8898-ff6fc54ce618',
          id: 'msg_1',
          time: '2026-10-31T23:59:58.123Z',
        },
      ],
    },
  },
  {
    what: 'the same with another body',
    vector: 'own',
    secret: 'whsec_c2FtcGxlLXNlY3JldC1vZi1leGFjdGx5LTMyLWJ5dGU=',
    headers: {
      'content-type': 'application/json',
      'svix-id': 'msg_1',
      'svix-timestamp': '1793491200',
      'svix-signature': 'v1,XrcOB8Go4I5wXuKfdlKASkkMmXvNCbDKIfea5vBl3vg=',
    },
    body: '{"type":"email.delivered","created_at":"2026-10-31T23:59:58.123Z","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618","to":["ada@example.com"]}} ',
    becomes: {
      kind: 'rejected',
    },
  },
];
