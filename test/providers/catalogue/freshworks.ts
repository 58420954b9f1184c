import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a changed ticket',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    pathEventType: 'ticket.updated',
    headers: {
      'content-type': 'application/json',
      'x-posthorn-token': 'p1-secret-of-a-sample',
    },
    body: '{"freshdesk_webhook":{"ticket_id":1405,"ticket_subject":"Question","triggered_event":"{status:{from:2,to:4}}"}}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'freshworks.ticket.updated',
          subject: 'ticket/1405',
        },
      ],
    },
  },
];
