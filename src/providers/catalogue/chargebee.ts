import { type Description } from './description.ts';

export const chargebee: Description = {
  id: 'chargebee',
  name: 'Chargebee',
  docs: 'https://www.chargebee.com/docs/billing/2.0/site-configuration/webhook_settings',
  setup:
    'Settings, Configure Chargebee, Webhooks, Add webhook: the inbound URL; protect it with a user name and the secret.',
  secret: {
    from: 'relay',
    label: 'Password',
  },
  options: {
    username: {
      label: 'User name',
    },
  },
  recipe: {
    verify: [
      {
        scheme: 'basic',
      },
    ],
    event: {
      name: '{/event_type}',
      entity: '{/event_type|before:_}',
      action: '{/event_type|after:_}',
      id: '{/id}',
      // What an event is about stands beside what it belongs to.
      entityId: [
        '{/event_type|before-first:subscription_}{/content/subscription/id}',
        '{/event_type|before-first:invoice_}{/content/invoice/id}',
        '{/event_type|before-first:credit_note_}{/content/credit_note/id}',
        '{/event_type|before-first:payment_source_}{/content/payment_source/id}',
        '{/event_type|before-first:payment_}{/content/transaction/id}',
        '{/event_type|before-first:customer_}{/content/customer/id}',
        '{/event_type|before-first:order_}{/content/order/id}',
        '{/event_type|before-first:quote_}{/content/quote/id}',
        '{/content/subscription/id}',
        '{/content/customer/id}',
      ],
      time: '{/occurred_at|s}',
    },
  },
};
