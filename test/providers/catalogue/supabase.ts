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
  {
    what: 'a user about to be created, by the secret as it is printed',
    vector: 'own',
    secret: 'v1,whsec_c2FtcGxlLXNlY3JldC1vZi1leGFjdGx5LTMyLWJ5dGU=',
    headers: {
      'content-type': 'application/json',
      'webhook-id': 'msg_2',
      'webhook-timestamp': '1793491200',
      'webhook-signature': 'v1,ftlj04/befZRxseHW9AAiqI4LRJnHCORVpnYCmBJUno=',
    },
    body: '{"metadata":{"uuid":"8b34dcdd-9df1-4c10-850a-b3277c653040","time":"2026-10-31T23:59:58.755552Z","name":"before-user-created","ip_address":"127.0.0.1"},"user":{"id":"ff7fc9ae-3b1b-4642-9241-64adb9848a03","email":"ada@example.com"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'supabase.before-user-created.received',
          subject: 'before-user-created/ff7fc9ae-3b1b-4642-9241-64adb9848a03',
          id: 'msg_2',
        },
      ],
    },
  },
];
