import { type Description } from './description.ts';

export const zendesk: Description = {
  id: 'zendesk',
  name: 'Zendesk',
  docs: 'https://developer.zendesk.com/documentation/webhooks/verifying/',
  setup:
    'Admin Center, Apps and integrations, Webhooks, Create webhook: subscribe to Zendesk events, the inbound URL is the endpoint URL. The signing secret is revealed on the page of the webhook.',
  secret: {
    from: 'provider',
    label: 'Signing secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-zendesk-webhook-signature',
          encoding: 'base64',
        },
        timestamp: {
          header: 'x-zendesk-webhook-signature-timestamp',
          unit: 'iso',
        },
        message: ['{timestamp}', '{body}'],
      },
    ],
    event: {
      name: '{/type|after-first:zen:event-type:}',
      entity: '{/type|after-first:zen:event-type:|before:.}',
      action: '{/type|after:.}',
      // What a trigger or an automation sends has a body of its own, and no ID in it.
      id: ['{/id}', '{header:x-zendesk-webhook-invocation-id}'],
      entityId: '{/detail/id}',
      time: '{/time}',
      account: '{/account_id}',
    },
  },
};
