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
    // CloudEvents since 2026; before, a list for each company.
    split: ['', '/eventNotifications/*/dataChangeEvent/entities'],
    event: {
      name: ['{/type}', '{/name}.{/operation}'],
      entity: ['{/type|after-first:qbo.|before-first:.}', '{/name}'],
      action: ['{/type|before:.v|after:.}', '{/operation}'],
      // The id of an entity is none of an event: that of a CloudEvent alone counts.
      id: '{/specversion|before-first:1}{/id}',
      entityId: ['{/intuitentityid}', '{/id}'],
      time: ['{/time}', '{/lastUpdated}'],
      account: ['{/intuitaccountid}', '{body:/eventNotifications/*/realmId}'],
    },
  },
};
