import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new card',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-trello-webhook': 'HCtRQA2g295sAx+sBmRUf6TJKac=',
    },
    body: '{"action":{"id":"51f9424bcd6e040f3c002412","idMemberCreator":"4fc7","data":{"board":{"id":"4d5e"},"card":{"id":"51f9","name":"Brass"}},"type":"createCard","date":"2026-10-31T23:59:58.123Z"},"model":{"id":"4d5e"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'trello.createcard.received',
          subject: 'createcard/51f9',
          id: '51f9424bcd6e040f3c002412',
          account: '4d5e',
          time: '2026-10-31T23:59:58.123Z',
        },
      ],
    },
  },
];
