import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a delivered message',
    vector: 'none',
    secret: 'p2-secret-of-a-sample',
    options: {
      username: 'relay',
    },
    headers: {
      'content-type': 'application/json',
      authorization: 'Basic cmVsYXk6cDItc2VjcmV0LW9mLWEtc2FtcGxl',
    },
    body: '{"MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","Recipient":"ada@example.com","DeliveredAt":"2026-10-31T23:59:58Z","Details":"OK","Tag":"welcome","ServerID":23,"RecordType":"Delivery","MessageStream":"outbound"}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'postmark.message.delivery',
          subject: 'message/883953f4-6105-42a2-a16a-77a8eac79483',
          time: '2026-10-31T23:59:58Z',
          account: '23',
        },
      ],
    },
  },
];
