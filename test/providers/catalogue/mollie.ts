import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a paid payment link',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-mollie-signature': 'sha256=259ff684cf424d3dc8a74e9531e6cf0a41df006f6adebae69eae694767208921',
    },
    body: '{"resource":"event","id":"event_GvJ8WHrp5isUdRub9CJyH","type":"payment-link.paid","entityId":"pl_qng5gbbv8NAZ5gpM5ZYgx","createdAt":"2026-10-31T23:59:58.0Z","_embedded":{"entity":{"id":"pl_qng5gbbv8NAZ5gpM5ZYgx","profileId":"pfl_D96wnsu869","amount":{"currency":"EUR","value":"24.90"}}}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'mollie.payment-link.paid',
          subject: 'payment-link/pl_qng5gbbv8NAZ5gpM5ZYgx',
          id: 'event_GvJ8WHrp5isUdRub9CJyH',
          account: 'pfl_D96wnsu869',
          time: '2026-10-31T23:59:58.0Z',
        },
      ],
    },
  },
  {
    what: 'the same after a change of the secret',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-mollie-signature':
        'sha256=3c340f666b52cd64d0f5fc44c06bd690e6c4693287776cef36ce75fcbcc804d3, sha256=259ff684cf424d3dc8a74e9531e6cf0a41df006f6adebae69eae694767208921',
    },
    body: '{"resource":"event","id":"event_GvJ8WHrp5isUdRub9CJyH","type":"payment-link.paid","entityId":"pl_qng5gbbv8NAZ5gpM5ZYgx","createdAt":"2026-10-31T23:59:58.0Z","_embedded":{"entity":{"id":"pl_qng5gbbv8NAZ5gpM5ZYgx","profileId":"pfl_D96wnsu869","amount":{"currency":"EUR","value":"24.90"}}}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'mollie.payment-link.paid',
          subject: 'payment-link/pl_qng5gbbv8NAZ5gpM5ZYgx',
          id: 'event_GvJ8WHrp5isUdRub9CJyH',
          account: 'pfl_D96wnsu869',
          time: '2026-10-31T23:59:58.0Z',
        },
      ],
    },
  },
  {
    what: 'the same with another body',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-mollie-signature': 'sha256=259ff684cf424d3dc8a74e9531e6cf0a41df006f6adebae69eae694767208921',
    },
    body: '{"resource":"event","id":"event_GvJ8WHrp5isUdRub9CJyH","type":"payment-link.paid","entityId":"pl_qng5gbbv8NAZ5gpM5ZYgx","createdAt":"2026-10-31T23:59:58.0Z","_embedded":{"entity":{"id":"pl_qng5gbbv8NAZ5gpM5ZYgx","profileId":"pfl_D96wnsu869","amount":{"currency":"EUR","value":"24.90"}}}} ',
    becomes: { kind: 'rejected' },
  },
];
