import { type Description } from './description.ts';

export const gocardless: Description = {
  id: 'gocardless',
  name: 'GoCardless',
  docs: 'https://developer.gocardless.com/api-reference/#webhooks-overview',
  setup:
    'Dashboard, Developers, Create, Webhook endpoint: the inbound URL. The secret is shown there, or is your own.',
  secret: {
    from: 'provider',
    label: 'Webhook endpoint secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'webhook-signature',
          encoding: 'hex',
        },
        message: ['{body}'],
      },
    ],
    split: '/events',
    event: {
      name: '{/resource_type}.{/action}',
      entity: '{/resource_type}',
      action: '{/action}',
      id: '{/id}',
      entityId: [
        '{/links/refund}',
        '{/links/subscription}',
        '{/links/instalment_schedule}',
        '{/links/billing_request}',
        '{/links/payout}',
        '{/links/payment}',
        '{/links/mandate}',
        '{/links/customer}',
        '{/links/scheme_identifier}',
        '{/links/creditor}',
      ],
      time: '{/created_at}',
      account: '{/links/organisation}',
    },
    answer: {
      refusedStatus: 498,
    },
  },
};
