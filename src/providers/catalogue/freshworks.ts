import { type Description } from './description.ts';

export const freshworks: Description = {
  id: 'freshworks',
  name: 'Freshdesk and Freshservice',
  docs: 'https://support.freshdesk.com/support/solutions/articles/132589-using-webhooks-in-automation-rules',
  setup:
    'Admin, Automations, the action Trigger webhook: the inbound URL, a slash and the name of the event (ticket.updated), encoding JSON, and the secret as the custom header x-posthorn-token.',
  secret: {
    from: 'relay',
    label: 'Value of the custom header',
  },
  recipe: {
    verify: [
      {
        scheme: 'token',
        signature: {
          header: 'x-posthorn-token',
        },
      },
    ],
    event: {
      name: '{path}',
      id: null,
      entityId: ['{/freshdesk_webhook/ticket_id}', '{/freshservice_webhook/ticket_id}', '{/ticket_id}'],
    },
  },
};
