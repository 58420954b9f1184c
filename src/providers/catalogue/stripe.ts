import { type Description } from './description.ts';

export const stripe: Description = {
  id: 'stripe',
  name: 'Stripe',
  docs: 'https://docs.stripe.com/webhooks',
  setup:
    'Workbench, Webhooks, Add destination: the inbound URL is the endpoint URL. The signing secret is shown on the page of the destination.',
  secret: { from: 'provider', label: 'Signing secret' },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: { header: 'stripe-signature', encoding: 'hex', list: { separator: ',', key: 'v1' } },
        timestamp: { list: 't', unit: 's' },
        message: ['{timestamp}', '.', '{body}'],
      },
    ],
    event: {
      name: '{/type}',
      entity: '{/type|before:.}',
      action: '{/type|after:.}',
      id: '{/id}',
      entityId: ['{/data/object/id}', '{/related_object/id}'],
      time: ['{/created|s}', '{/created}'],
      account: ['{/account}', '{/context}'],
    },
  },
};
