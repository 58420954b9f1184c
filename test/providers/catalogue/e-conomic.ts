import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new invoice',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    url: 'https://relay.example.com/in/token/invoice.created?token=p1-secret-of-a-sample&id=1042',
    pathEventType: 'invoice.created',
    headers: {},
    body: '',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'e-conomic.invoice.created',
          subject: 'invoice/1042',
        },
      ],
    },
  },
];
