import { type Description } from './description.ts';

export const bitbucket: Description = {
  id: 'bitbucket',
  name: 'Bitbucket Cloud',
  docs: 'https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/',
  setup: 'Repository settings, Webhooks, Add webhook: the inbound URL; enter the secret there.',
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
      name: '{header:x-event-key}',
      entity: '{header:x-event-key|before::}',
      action: '{header:x-event-key|after::}',
      id: '{header:x-request-uuid}',
      entityId: ['{/pullrequest/id}', '{/issue/id}', '{/repository/uuid}'],
      account: '{/repository/full_name}',
    },
  },
};
