import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a message',
    vector: 'own',
    secret: 'dGVhbXMtc2FtcGxlLXNlY3VyaXR5LXRva2VuLTMyYnk=',
    headers: {
      'content-type': 'application/json',
      authorization: 'HMAC wKjxYLyXtq1Lv0ahO77gPYwJ+LwKeTOpgND9+2sM88k=',
    },
    body: '{"type":"message","id":"1485983408511","timestamp":"2026-10-31T23:59:58.123Z","localTimestamp":"2026-11-01T00:59:58.123+01:00","serviceUrl":"https://smba.example.com/","channelId":"msteams","from":{"id":"29:1XJ","name":"Ada"},"conversation":{"id":"19:253b1f341670408fb6fe51050b6e5ceb@thread.skype"},"text":"<at>Relay</at> hello","channelData":{"tenant":{"id":"72f988bf-86f1-41af-91ab-2d7cd011db47"}}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'teams.message.received',
          subject: 'message/19:253b1f341670408fb6fe51050b6e5ceb@thread.skype',
          id: '1485983408511',
          time: '2026-10-31T23:59:58.123Z',
        },
      ],
    },
  },
];
