import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a payment',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-zoho-webhook-signature':
        't=1793491200000,v=2484eef34b5315b5b0055556f24b42316e0e0c6473dbac175b1fff33f33a2b34',
    },
    body: '{"event_id":"7000000004001","event_type":"payment.succeeded","account_id":"23137556","live_mode":true,"event_time":1793491198,"event_object":{"payment":{"payment_id":"9000000012345","amount":100.0}}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'zoho-payments.payment.succeeded',
          subject: 'payment/9000000012345',
          id: '7000000004001',
        },
      ],
    },
  },
];
