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
      entityId: ['{/issue/key}', '{/project/key}', '{/sprint/id}', '{/version/id}', '{/comment/id}'],
      time: '{/timestamp|ms}',
      actor: '{/user/accountId}',
    },
  },
};
