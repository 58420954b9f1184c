import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'two entries',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    options: {
      verifyToken: 'verify-1',
    },
    headers: {
      'content-type': 'application/json',
      'x-hub-signature-256': 'sha256=f986e606bc34a27511ed39a834fc91225b9a7e216791012d93579a721c136398',
    },
    body: '{"object":"page","entry":[{"id":"12345","time":1793491198,"changes":[{"field":"leadgen","value":{"leadgen_id":"444"}}]},{"id":"12345","time":1793491199,"messaging":[{"sender":{"id":"1"}}]}]}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'meta.page.leadgen',
          subject: 'page/12345',
          time: '2026-10-31T23:59:58.000Z',
        },
        {
          type: 'meta.page.received',
          subject: 'page/12345',
        },
      ],
    },
  },
  {
    what: 'the check of the URL',
    vector: 'none',
    secret: 'p2-secret-of-a-sample',
    options: {
      verifyToken: 'verify-1',
    },
    method: 'GET',
    url: 'https://relay.example.com/in/token?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=verify-1',
    headers: {},
    body: '',
    becomes: {
      kind: 'handshake',
      body: '1158201444',
    },
  },
  {
    what: 'a check with another verify token',
    vector: 'none',
    secret: 'p2-secret-of-a-sample',
    options: {
      verifyToken: 'verify-1',
    },
    method: 'GET',
    url: 'https://relay.example.com/in/token?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=other',
    headers: {},
    body: '',
    becomes: {
      kind: 'rejected',
    },
  },
  {
    what: 'a message, whose time is in milliseconds',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    options: { verifyToken: 'verify-1' },
    headers: {
      'content-type': 'application/json',
      'x-hub-signature-256': 'sha256=6b85af79664bf359f49aa6ed286c6c76a435f9ee45f605400fd806992a840c5f',
    },
    body: '{"object":"page","entry":[{"id":"12345","time":1793491198123,"messaging":[{"sender":{"id":"1"},"timestamp":1793491198000,"message":{"mid":"m_1","text":"hi"}}]}]}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [{ type: 'meta.page.received', subject: 'page/12345', time: '2026-10-31T23:59:58.123Z' }],
    },
  },
];
