import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a ready asset',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'mux-signature': 't=1793491200,v1=29eb97a8f580c3f60ccbf6a6069dd930416c8f52aa918ee3c1148c52723f8bfe',
    },
    body: '{"type":"video.asset.ready","id":"3a56ac3d","created_at":"2026-10-31T23:59:58.000000Z","object":{"type":"asset","id":"0201p02f"},"environment":{"name":"Production","id":"j0863n"},"data":{}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'mux.video.asset.ready',
          subject: 'video.asset/0201p02f',
          id: '3a56ac3d',
          account: 'j0863n',
        },
      ],
    },
  },
];
