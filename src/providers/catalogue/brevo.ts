import { type Description } from './description.ts';

export const brevo: Description = {
  id: 'brevo',
  name: 'Brevo',
  docs: 'https://developers.brevo.com/docs/secured-webhooks',
  setup:
    'Create the webhook by the API with the inbound URL as url and, in headers, the header with the secret.',
  secret: {
    from: 'relay',
    label: 'Value of the header',
  },
  options: {
    header: {
      label: 'Name of the header',
      default: 'x-posthorn-token',
    },
  },
  recipe: {
    verify: [
      {
        scheme: 'token',
        signature: {
          header: '{option:header}',
        },
      },
    ],
    event: {
      name: '{/event}',
      entity: 'message',
      action: '{/event}',
      entityId: '{/message-id}',
      time: '{/ts_epoch|ms}',
    },
  },
};
