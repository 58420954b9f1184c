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
  {
    what: 'a comment on an issue',
    vector: 'own',
    secret: "It's a Secret to Everybody",
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'issue_comment',
      'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0960',
      'x-hub-signature-256': 'sha256=b316865ed13f6a2c066379a8a5a756227daedc34bed1f311c5a21291c0908b6b',
    },
    body: '{"action":"created","issue":{"id":9007199254740993,"number":1},"comment":{"id":501},"repository":{"id":118,"full_name":"octo-org/octo-repo"},"sender":{"login":"octocat"},"installation":{"id":7}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [{ type: 'github.issue_comment.created', subject: 'issue_comment/501' }],
    },
  },
  {
    what: 'a review of a pull request',
    vector: 'own',
    secret: "It's a Secret to Everybody",
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'pull_request_review',
      'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0961',
      'x-hub-signature-256': 'sha256=43aac19c3447be09e1ebab656113d277bead220a0e998e2529662f6a9f2c6ec7',
    },
    body: '{"action":"submitted","review":{"id":80},"pull_request":{"id":279147437,"number":2},"repository":{"id":118,"full_name":"octo-org/octo-repo"},"sender":{"login":"octocat"},"installation":{"id":7}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [{ type: 'github.pull_request_review.submitted', subject: 'pull_request_review/80' }],
    },
  },
  {
    what: 'the status of a deployment',
    vector: 'own',
    secret: "It's a Secret to Everybody",
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'deployment_status',
      'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0962',
      'x-hub-signature-256': 'sha256=de842b2920423f3c3244988425a1e230afb24b2973715f7b710e31033c95b0ea',
    },
    body: '{"action":"created","deployment_status":{"id":1115122},"deployment":{"id":145988746},"workflow_run":{"id":30433642},"repository":{"id":118,"full_name":"octo-org/octo-repo"},"sender":{"login":"octocat"},"installation":{"id":7}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [{ type: 'github.deployment_status.created', subject: 'deployment_status/1115122' }],
    },
  },
  {
    what: 'a deployment',
    vector: 'own',
    secret: "It's a Secret to Everybody",
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'deployment',
      'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0963',
      'x-hub-signature-256': 'sha256=53ca07ae60895a4c4da70575a4eacdb51a772c65450e22664e1ec87b033e2391',
    },
    body: '{"action":"created","deployment":{"id":145988746},"workflow_run":{"id":30433642},"repository":{"id":118,"full_name":"octo-org/octo-repo"},"sender":{"login":"octocat"},"installation":{"id":7}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [{ type: 'github.deployment.created', subject: 'deployment/145988746' }],
    },
  },
  {
    what: 'an installed app',
    vector: 'own',
    secret: "It's a Secret to Everybody",
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'installation',
      'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0964',
      'x-hub-signature-256': 'sha256=98a363e4ed8e1352acbfa68ba17dadab9409b8e2b565de224869f4bc214be355',
    },
    body: '{"action":"created","installation":{"id":7},"repositories":[{"id":118}],"sender":{"login":"octocat"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [{ type: 'github.installation.created', subject: 'installation/7' }],
    },
  },
];
