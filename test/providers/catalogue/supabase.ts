import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'an event',
    vector: 'own',
    secret: 'whsec_c2FtcGxlLXNlY3JldC1vZi1leGFjdGx5LTMyLWJ5dGU=',
    headers: {
      'content-type': 'application/json',
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1793491200',
      'webhook-signature': 'v1,jdotA+c/2wYIjp+Oa+SaBP4orx9Z4xgHvGjxLry/CPY=',
    },
    body: '{"user":{"id":"8484b834-f29e-4af2-bf42-80644d154f76"},"email_data":{"email_action_type":"signup"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'supabase.signup.received',
          subject: 'signup/8484b834-f29e-4af2-bf42-80644d154f76',
          id: 'msg_1',
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
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1793491200',
      'webhook-signature': 'v1,jdotA+c/2wYIjp+Oa+SaBP4orx9Z4xgHvGjxLry/CPY=',
    },
    body: '{"user":{"id":"8484b834-f29e-4af2-bf42-80644d154f76"},"email_data":{"email_action_type":"signup"}} ',
    becomes: {
      kind: 'rejected',
    },
  },
];
