import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new issue',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'linear-delivery': '234d1a4e-b617-4388-90fe-adc3633d6b72',
      'linear-signature': 'caabb6c2923fff4908691dfc121d455f31c0dbea38da27f13824b8c34ebe8de2',
    },
    body: '{"action":"create","type":"Issue","createdAt":"2026-10-31T23:59:58.123Z","data":{"id":"2174add1-f7c8-44e3-bbf3-2d60b5ea8bc9","title":"Brass"},"organizationId":"b1a7a2c4-0001","webhookTimestamp":1793491200000,"webhookId":"000042e3-d123-4980-b49f-8e140eef9329"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'linear.issue.created',
          subject: 'issue/2174add1-f7c8-44e3-bbf3-2d60b5ea8bc9',
          id: '234d1a4e-b617-4388-90fe-adc3633d6b72',
          time: '2026-10-31T23:59:58.123Z',
        },
      ],
    },
  },
  {
    what: 'an old one',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'linear-delivery': '1',
      'linear-signature': '11499916eedf0b753b0df97f54c7556df63c0df9fe1cbc6da5aedfd174037cd3',
    },
    body: '{"action":"create","type":"Issue","createdAt":"2026-10-31T23:59:58.123Z","data":{"id":"2174add1-f7c8-44e3-bbf3-2d60b5ea8bc9","title":"Brass"},"organizationId":"b1a7a2c4-0001","webhookTimestamp":1793490600000,"webhookId":"000042e3-d123-4980-b49f-8e140eef9329"}',
    becomes: {
      kind: 'rejected',
    },
  },
];
