import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a delivered message',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"signature":{"timestamp":"1793491200","token":"f4b2c1f4b2c1f4b2c1f4b2c1f4b2c1f4b2c1f4b2c1f4b2c1","signature":"d9c479e0ada8eb5fef86869fae3e44f15211a434020a253cc0f99b7a215545ce"},"event-data":{"event":"delivered","id":"CPgfbmQMTCKtHW6uIWtuVe","timestamp":1793491198.123,"recipient":"ada@example.com","message":{"headers":{"message-id":"20261031235958.1@example.com"}}}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'mailgun.message.delivered',
          subject: 'message/20261031235958.1@example.com',
          id: 'CPgfbmQMTCKtHW6uIWtuVe',
        },
      ],
    },
  },
  {
    what: 'one signed with another key',
    vector: 'own',
    secret: 'another-key-of-mailgun',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"signature":{"timestamp":"1793491200","token":"f4b2c1f4b2c1f4b2c1f4b2c1f4b2c1f4b2c1f4b2c1f4b2c1","signature":"d9c479e0ada8eb5fef86869fae3e44f15211a434020a253cc0f99b7a215545ce"},"event-data":{"event":"delivered","id":"CPgfbmQMTCKtHW6uIWtuVe","timestamp":1793491198.123,"recipient":"ada@example.com","message":{"headers":{"message-id":"20261031235958.1@example.com"}}}}',
    becomes: {
      kind: 'rejected',
    },
  },
];
