import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a payment',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-zoho-webhook-signature':
        't=1793491200000,v=e40420f26015896b5ab85ad20a6a5ad85acb8129847eb59df0d37227c5b554c2',
    },
    body: '{"event_id":7000000004001,"event_type":"payment.succeeded","account_id":23137556,"live_mode":true,"event_time":1793491198514,"event_object":{"payment":{"payment_id":"9000000012345","amount":"100.00"}}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'zoho-payments.payment.succeeded',
          subject: 'payment/9000000012345',
          id: '7000000004001',
          time: '2026-10-31T23:59:58.514Z',
          account: '23137556',
        },
      ],
    },
  },
];
