import { type Description } from './description.ts';

export const notion: Description = {
  id: 'notion',
  name: 'Notion',
  docs: 'https://developers.notion.com/reference/webhooks',
  setup:
    'The integration, Webhooks, Create a subscription: the inbound URL. Notion posts the verification token once; it becomes the secret, which is then entered at Notion to verify the subscription.',
  secret: {
    from: 'provider',
    label: 'Verification token',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-notion-signature',
          encoding: 'hex',
          prefix: 'sha256=',
        },
        message: ['{body}'],
      },
    ],
    handshake: [
      {
        when: {
          body: '/verification_token',
        },
        keepsSecret: true,
        reply: {
          json: {
            status: 'received',
          },
        },
      },
    ],
    event: {
      name: '{/type}',
      entity: '{/type|before:.}',
      action: '{/type|after:.}',
      id: '{/id}',
      entityId: '{/entity/id}',
      time: '{/timestamp}',
      account: '{/workspace_id}',
    },
  },
};
