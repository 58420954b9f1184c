import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a successful charge',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-paystack-signature':
        '6de35786eb5751d00528fd88ed586356be4fdd720fe54109f2426e11d7e25979b7646054ec196ebe348e6529fd8d2bfbc85718915188a7ef6e2278150c1b625a',
    },
    body: '{"event":"charge.success","data":{"id":302961,"reference":"qTPrJoy9Bx","amount":10000,"paid_at":"2026-10-31T23:59:58.000Z"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'paystack.charge.success',
          subject: 'charge/302961',
          time: '2026-10-31T23:59:58.000Z',
        },
      ],
    },
  },
];
