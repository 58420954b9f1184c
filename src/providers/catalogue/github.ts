import { type Description } from './description.ts';

export const github: Description = {
  id: 'github',
  name: 'GitHub',
  docs: 'https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries',
  setup:
    'Settings of the repository or organization, Webhooks, Add webhook: the inbound URL is the payload URL, the content type application/json.',
  secret: { from: 'relay', label: 'Secret' },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: { header: 'x-hub-signature-256', encoding: 'hex', prefix: 'sha256=' },
        message: ['{body}'],
      },
    ],
    ignore: [{ when: { header: 'x-github-event', equals: 'ping' } }],
    event: {
      name: '{header:x-github-event}',
      entity: '{header:x-github-event}',
      action: '{/action}',
      id: '{header:x-github-delivery}',
      // What an event is about stands beside what it belongs to.
      entityId: [
        '{/comment/id}',
        '{/review/id}',
        '{/deployment_status/id}',
        '{/workflow_job/id}',
        '{/deployment/id}',
        '{/workflow_run/id}',
        '{/check_run/id}',
        '{/issue/id}',
        '{/pull_request/id}',
        '{/release/id}',
        '{/repository/id}',
        '{/installation/id}',
      ],
      account: ['{/repository/full_name}', '{/organization/login}'],
      actor: '{/sender/login}',
    },
  },
};
