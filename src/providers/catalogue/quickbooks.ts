import { type Description } from './description.ts';

export const quickbooks: Description = {
  id: 'quickbooks',
  name: 'QuickBooks Online',
  docs: 'https://developer.intuit.com/app/developer/qbo/docs/develop/webhooks',
  setup:
    'Developer dashboard, the app, Webhooks: the inbound URL is the endpoint URL. Show the verifier token on the same page.',
  secret: {
    from: 'provider',
    label: 'Verifier token',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'intuit-signature',
          encoding: 'base64',
        },
        message: ['{body}'],
      },
    ],
    split: '/eventNotifications/*/dataChangeEvent/entities',
    event: {
      name: '{/name}.{/operation}',
      entity: '{/name}',
      action: '{/operation}',
      entityId: '{/id}',
      time: '{/lastUpdated}',
      account: '{body:/eventNotifications/*/realmId}',
    },
  },
};
