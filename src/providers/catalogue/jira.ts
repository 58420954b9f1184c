import { type Description } from './description.ts';

export const jira: Description = {
  id: 'jira',
  name: 'Jira',
  docs: 'https://developer.atlassian.com/cloud/jira/software/webhooks/',
  setup: 'Settings, System, WebHooks, Create a WebHook: the inbound URL; enter the secret there.',
  secret: {
    from: 'relay',
    label: 'Secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-hub-signature',
          encoding: 'hex',
          prefix: 'sha256=',
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: '{/webhookEvent}',
      entity: ['{/webhookEvent|after::|before:_}', '{/webhookEvent|before:_}', '{/webhookEvent}'],
      action: '{/webhookEvent|after:_}',
      id: '{header:x-atlassian-webhook-identifier}',
      // A comment comes with its issue, and a change of an issue with its comment.
      entityId: [
        '{/webhookEvent|before-first:comment_}{/comment/id}',
        '{/webhookEvent|before-first:worklog_}{/worklog/id}',
        '{/webhookEvent|before-first:attachment_}{/attachment/id}',
        '{/issue/key}',
        '{/project/key}',
        '{/sprint/id}',
        '{/version/id}',
      ],
      time: '{/timestamp|ms}',
      actor: '{/user/accountId}',
    },
  },
};
