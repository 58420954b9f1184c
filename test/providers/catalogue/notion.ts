import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new page',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-notion-signature': 'sha256=c0013e26993b3f1a6b6b2aa1ac99e77c9ad498284627910c53141a733e973bc8',
    },
    body: '{"id":"367cba44-b6f3-4c92-81e7-6a2e9659efd4","timestamp":"2026-10-31T23:59:58.123Z","workspace_id":"13950b26-c203-4f3b-b97d-93ec06319565","subscription_id":"29d75c0d-5546-4414-8459-7b7a92f1fc4b","type":"page.created","authors":[],"attempt_number":1,"entity":{"id":"153104cd-477e-809d-8dc4-ff2d96ae3090","type":"page"},"data":{}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'notion.page.created',
          subject: 'page/153104cd-477e-809d-8dc4-ff2d96ae3090',
          id: '367cba44-b6f3-4c92-81e7-6a2e9659efd4',
          account: '13950b26-c203-4f3b-b97d-93ec06319565',
        },
      ],
    },
  },
  {
    what: 'the verification token',
    vector: 'none',
    secret: null,
    headers: {
      'content-type': 'application/json',
    },
    body: '{"verification_token":"secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"}',
    becomes: {
      kind: 'handshake',
      body: '{"status":"received"}',
      secret: 'secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl',
    },
  },
];
