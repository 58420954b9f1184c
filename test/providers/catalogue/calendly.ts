import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new invitee',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'calendly-webhook-signature':
        't=1793491200,v1=791150e03d1fb1449acaa93816179a1d95d4ee7072d07f3c824b47420c45e233',
    },
    body: '{"event":"invitee.created","created_at":"2026-10-31T23:59:58.000000Z","created_by":"https://api.calendly.com/users/AAAAAAAAAAAAAAAA","payload":{"uri":"https://api.calendly.com/scheduled_events/EE/invitees/II","email":"ada@example.com"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'calendly.invitee.created',
          subject: 'invitee/II',
          time: '2026-10-31T23:59:58.000000Z',
          account: 'AAAAAAAAAAAAAAAA',
        },
      ],
    },
  },
];
