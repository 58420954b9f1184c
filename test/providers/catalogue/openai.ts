import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'an event',
    vector: 'own',
    secret: 'whsec_c2FtcGxlLXNlY3JldC1vZi1leGFjdGx5LTMyLWJ5dGU=',
    headers: {
      'content-type': 'application/json',
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1793491200',
      'webhook-signature': 'v1,2kmteNdVzUZT5GZkc31yHQ1z2SG355R59n1elU5BrMs=',
    },
    body: '{"id":"evt_685343a1381c819085d44c354e1b330e","type":"response.completed","created_at":1793491198,"data":{"id":"resp_abc123"},"object":"event"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'openai.response.completed',
          subject: 'response/resp_abc123',
          id: 'msg_1',
          time: '2026-10-31T23:59:58.000Z',
        },
      ],
    },
  },
  {
    what: 'the same with another body',
    vector: 'own',
    secret: 'whsec_c2FtcGxlLXNlY3JldC1vZi1leGFjdGx5LTMyLWJ5dGU=',
    headers: {
      'content-type': 'application/json',
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1793491200',
      'webhook-signature': 'v1,2kmteNdVzUZT5GZkc31yHQ1z2SG355R59n1elU5BrMs=',
    },
    body: '{"id":"evt_685343a1381c819085d44c354e1b330e","type":"response.completed","created_at":1793491198,"data":{"id":"resp_abc123"},"object":"event"} ',
    becomes: {
      kind: 'rejected',
    },
  },
];
