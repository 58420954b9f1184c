import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a sent e-mail',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-cio-timestamp': '1793491200',
      'x-cio-signature': '4c208153ac69c01acb5ed95d184cb55e93260a2074bafe335ecbf8bf77c1b8a9',
    },
    body: '{"event_id":"01E4C4CT6YDC7Y5M7FE1GWWPQJ","object_type":"email","metric":"sent","timestamp":1793491198,"data":{"delivery_id":"dgOq6QUBAAFxHq"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'customer-io.email.sent',
          subject: 'email/dgOq6QUBAAFxHq',
          id: '01E4C4CT6YDC7Y5M7FE1GWWPQJ',
        },
      ],
    },
  },
];
