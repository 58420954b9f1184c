import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a changed base',
    vector: 'own',
    secret: 'c2FtcGxlLXNlY3JldC1vZi1leGFjdGx5LTMyLWJ5dGU=',
    headers: {
      'content-type': 'application/json',
      'x-airtable-content-mac':
        'hmac-sha256=84a05bce39c5c6e4770f668f3778a18166d26077ad0f5e79fcb3c36ca16d1f4f',
    },
    body: '{"base":{"id":"appABCD12345"},"webhook":{"id":"achYYYYYYYYYYYYYY"},"timestamp":"2026-10-31T23:59:58.123Z"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'airtable.base.updated',
          subject: 'base/appABCD12345',
          time: '2026-10-31T23:59:58.123Z',
        },
      ],
    },
  },
];
