import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a started meeting',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-zm-request-timestamp': '1793491200',
      'x-zm-signature': 'v0=2ba4627984c76cea7ab6214b70cd55c48ec8c1e96e755ec262ea542794f3c21c',
    },
    body: '{"event":"meeting.started","event_ts":1793491198123,"payload":{"account_id":"AAAAAABBBB","object":{"id":"1234567890","uuid":"4444AAAiAAAAAiAiAiiAii==","topic":"Brass"}}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'zoom.meeting.started',
          subject: 'meeting/1234567890',
          time: '2026-10-31T23:59:58.123Z',
          account: 'AAAAAABBBB',
        },
      ],
    },
  },
  {
    what: 'the check of the URL',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1793491198123,"event":"endpoint.url_validation"}',
    becomes: {
      kind: 'handshake',
      body: '{"plainToken":"qgg8vlvZRS6UYooatFL8Aw","encryptedToken":"a5772c86d9ddad07424725462dd1668ea6146e84fe526b95a9e0c2815dabc110"}',
    },
  },
];
