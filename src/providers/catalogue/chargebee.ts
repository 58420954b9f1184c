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
      time: '{/occurred_at|s}',
    },
  },
};
