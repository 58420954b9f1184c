import { type Description } from './description.ts';

export const teams: Description = {
  id: 'teams',
  name: 'Microsoft Teams outgoing webhooks',
  docs: 'https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook',
  setup:
    'The team, Manage team, Apps, Create an outgoing webhook: the inbound URL is the callback URL. The security token is shown once, when it is created.',
  secret: {
    from: 'provider',
    label: 'Security token',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        key: 'base64',
        signature: {
          header: 'authorization',
          encoding: 'base64',
          prefix: 'HMAC ',
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: '{/type}',
      id: '{/id}',
      entityId: '{/conversation/id}',
      time: '{/timestamp}',
      account: '{/channelData/tenant/id}',
      actor: '{/from/id}',
    },
    answer: {
      body: '{"type":"message","text":"Received."}',
      contentType: 'application/json',
    },
  },
};
