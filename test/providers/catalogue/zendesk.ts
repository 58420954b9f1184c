import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a changed ticket',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-zendesk-webhook-signature-timestamp': '2026-11-01T00:00:00Z',
      'x-zendesk-webhook-signature': 'k1E6fQyNsWWcAhbPkOvB40ocx+W3sllqeH1wLllOVbI=',
    },
    body: '{"type":"zen:event-type:ticket.status_changed","account_id":22129848,"id":"2b24ef10-19d5-4740-93cf-5f98ec4776c0","time":"2026-10-31T23:59:58Z","zendesk_event_version":"2022-06-20","subject":"zen:ticket:128","detail":{"id":"128","status":"OPEN","subject":"Question"},"event":{"current":"OPEN","previous":"NEW"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'zendesk.ticket.status_changed',
          subject: 'ticket/128',
          id: '2b24ef10-19d5-4740-93cf-5f98ec4776c0',
          time: '2026-10-31T23:59:58Z',
          event: 'ticket.status_changed',
        },
      ],
    },
  },
  {
    what: 'an old one',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-zendesk-webhook-signature-timestamp': '2026-10-31T23:00:00Z',
      'x-zendesk-webhook-signature': 'x+Xynd0sVD7VTO0OqoTTAT0bpGTdEk/GBeTrOxysThg=',
    },
    body: '{"type":"zen:event-type:ticket.status_changed","account_id":22129848,"id":"2b24ef10-19d5-4740-93cf-5f98ec4776c0","time":"2026-10-31T23:59:58Z","zendesk_event_version":"2022-06-20","subject":"zen:ticket:128","detail":{"id":"128","status":"OPEN","subject":"Question"},"event":{"current":"OPEN","previous":"NEW"}}',
    becomes: {
      kind: 'rejected',
    },
  },
  {
    what: 'a trigger, whose body is its own',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-zendesk-webhook-invocation-id': '8350205582',
      'x-zendesk-webhook-signature-timestamp': '2026-11-01T00:00:00Z',
      'x-zendesk-webhook-signature': 'Lh8KmN33JK0vWmPD6S0jAylfhsAKKAztKMOQNXHiCeI=',
    },
    body: '{"ticket":128}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [{ type: 'zendesk.event.received', subject: null, id: '8350205582' }],
    },
  },
];
