import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new user',
    vector: 'none',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-posthorn-token': 'p2-secret-of-a-sample',
    },
    body: '{"eventType":"com.okta.event_hook","source":"https://example.okta.com/api/v1/eventHooks/who8","eventId":"b5a1","data":{"events":[{"uuid":"f790999f","published":"2026-10-31T23:59:58.123Z","eventType":"user.lifecycle.create","actor":{"id":"00uttidj01"},"target":[{"id":"00uko82abAL","type":"User"}]}]}}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'okta.user.lifecycle.created',
          subject: 'user.lifecycle/00uko82abAL',
          id: 'f790999f',
          time: '2026-10-31T23:59:58.123Z',
        },
      ],
    },
  },
  {
    what: 'one without the header',
    vector: 'none',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"eventType":"com.okta.event_hook","source":"https://example.okta.com/api/v1/eventHooks/who8","eventId":"b5a1","data":{"events":[{"uuid":"f790999f","published":"2026-10-31T23:59:58.123Z","eventType":"user.lifecycle.create","actor":{"id":"00uttidj01"},"target":[{"id":"00uko82abAL","type":"User"}]}]}}',
    becomes: {
      kind: 'rejected',
    },
  },
  {
    what: 'the check of the URL',
    vector: 'none',
    secret: 'p2-secret-of-a-sample',
    method: 'GET',
    headers: {
      'x-okta-verification-challenge': 'W4Ks',
    },
    body: '',
    becomes: {
      kind: 'handshake',
      body: '{"verification":"W4Ks"}',
    },
  },
];
