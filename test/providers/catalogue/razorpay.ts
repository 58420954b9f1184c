import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a captured payment',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-razorpay-event-id': 'e-1',
      'x-razorpay-signature': 'a38f82222f0dc6a4a7b0560b71e8d4ec1f9d54b9df5074e46e74a01e106fedae',
    },
    body: '{"entity":"event","account_id":"acc_1","event":"payment.captured","contains":["payment"],"payload":{"payment":{"entity":{"id":"pay_1","amount":100}}},"created_at":1793491198}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'razorpay.payment.captured',
          subject: 'payment/pay_1',
          id: 'e-1',
          account: 'acc_1',
        },
      ],
    },
  },
  {
    what: 'a paid order, which comes with its payment',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-razorpay-event-id': 'e-2',
      'x-razorpay-signature': '4c0f701fc88623a2c78aa36d2a84071c51ba0eb2374ee48b35e7b7008b8a8676',
    },
    body: '{"entity":"event","account_id":"acc_1","event":"order.paid","contains":["payment","order"],"payload":{"payment":{"entity":{"id":"pay_1","amount":100}},"order":{"entity":{"id":"order_1","amount":100}}},"created_at":1793491198}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [{ type: 'razorpay.order.paid', subject: 'order/order_1', id: 'e-2' }],
    },
  },
];
