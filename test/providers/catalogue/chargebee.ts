import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new subscription',
    vector: 'none',
    secret: 'p2-secret-of-a-sample',
    options: {
      username: 'relay',
    },
    headers: {
      'content-type': 'application/json',
      authorization: 'Basic cmVsYXk6cDItc2VjcmV0LW9mLWEtc2FtcGxl',
    },
    body: '{"id":"ev___test__KyVnHhSBWTvzl2Ya","occurred_at":1793491198,"source":"api","object":"event","api_version":"v2","content":{"subscription":{"id":"sub_1","status":"active"}},"event_type":"subscription_created"}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'chargebee.subscription.created',
          subject: 'subscription/sub_1',
          id: 'ev___test__KyVnHhSBWTvzl2Ya',
          time: '2026-10-31T23:59:58.000Z',
        },
      ],
    },
  },
  {
    what: 'a payment of an invoice',
    vector: 'none',
    secret: 'p2-secret-of-a-sample',
    options: { username: 'relay' },
    headers: {
      'content-type': 'application/json',
      authorization: 'Basic cmVsYXk6cDItc2VjcmV0LW9mLWEtc2FtcGxl',
    },
    body: '{"id":"ev_2","occurred_at":1793491198,"object":"event","content":{"transaction":{"id":"txn_1"},"invoice":{"id":"1001"},"customer":{"id":"cus_1"},"subscription":{"id":"sub_1"}},"event_type":"payment_succeeded"}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [{ type: 'chargebee.payment.succeeded', subject: 'payment/txn_1', id: 'ev_2' }],
    },
  },
];
