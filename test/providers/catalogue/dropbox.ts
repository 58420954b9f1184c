import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a change',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-dropbox-signature': 'fea9cf0e2a273adb0925e791645e9d9aceefbabca2a6d79e3bcf10edb67a0a73',
    },
    body: '{"list_folder":{"accounts":["dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc"]},"delta":{"users":[12345678]}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'dropbox.account.updated',
          subject: 'account/dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc',
        },
      ],
    },
  },
  {
    what: 'the check of the URL',
    vector: 'none',
    secret: 'p2-secret-of-a-sample',
    method: 'GET',
    url: 'https://relay.example.com/in/token?challenge=challenge_1',
    headers: {},
    body: '',
    becomes: {
      kind: 'handshake',
      body: 'challenge_1',
    },
  },
];
