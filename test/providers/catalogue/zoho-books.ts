import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new invoice',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    pathEventType: 'invoice.created',
    headers: {
      'content-type': 'application/json',
      'x-posthorn-token': 'p1-secret-of-a-sample',
    },
    body: '{"invoice":{"invoice_id":"982000000567114","invoice_number":"INV-00003","total":100.0,"status":"sent"}}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'zoho-books.invoice.created',
          subject: 'invoice/982000000567114',
        },
      ],
    },
  },
];
