import { type Sample } from './sample.ts';

const DOCS = 'https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries';
const SECRET = "It's a Secret to Everybody";

export const samples: readonly Sample[] = [
  {
    what: 'the text of the documentation',
    vector: DOCS,
    secret: SECRET,
    headers: {
      'x-github-event': 'push',
      'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    },
    body: 'Hello, World!',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'github.push.received',
          subject: null,
          id: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
          source: '/github/src_1',
        },
      ],
    },
  },
  {
    what: 'an opened issue',
    vector: 'own',
    secret: SECRET,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'issues',
      'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0959',
      'x-hub-signature-256': 'sha256=d6456faad5faf116b1666cf8a124ac14de8c47a2a3786b040a60a2eda695ed1d',
    },
    body: '{"action":"opened","issue":{"id":9007199254740993,"number":1},"repository":{"id":118,"full_name":"octo-org/octo-repo"},"sender":{"login":"octocat"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'github.issues.opened',
          subject: 'issues/9007199254740993',
          source: '/github/octo-org%2Focto-repo',
          event: 'issues',
          account: 'octo-org/octo-repo',
        },
      ],
    },
  },
  {
    what: 'a ping',
    vector: 'own',
    secret: SECRET,
    headers: {
      'x-github-event': 'ping',
      'x-hub-signature-256': 'sha256=65cf1e1aeb36f098c67ba0ea5421c7ce1f94fd30c73bb51911a847c2e3480f52',
    },
    body: '{"zen":"Design for failure.","hook_id":1}',
    becomes: { kind: 'test' },
  },
  {
    what: 'a ping that is not signed',
    vector: 'none',
    secret: SECRET,
    headers: { 'x-github-event': 'ping' },
    body: '{"zen":"Design for failure.","hook_id":1}',
    becomes: { kind: 'rejected' },
  },
];
