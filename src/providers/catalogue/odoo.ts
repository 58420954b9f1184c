import { type Description } from './description.ts';

export const odoo: Description = {
  id: 'odoo',
  name: 'Odoo',
  docs: 'https://www.odoo.com/documentation/18.0/applications/studio/automated_actions.html',
  setup:
    'Settings, Technical, Automation Rules, the action Send Webhook Notification: the URL is the inbound URL, a slash, what happened (created, updated) and ?token= with the secret.',
  secret: {
    from: 'relay',
    label: 'Query parameter token',
  },
  recipe: {
    verify: [
      {
        scheme: 'token',
        signature: {
          query: 'token',
        },
      },
    ],
    event: {
      name: ['{/_model}.{path}', '{/_model}'],
      entity: '{/_model}',
      action: '{path}',
      id: null,
      entityId: '{/_id}',
    },
  },
};
