import { type Description } from './description.ts';

export const clickup: Description = {
  id: 'clickup',
  name: 'ClickUp',
  docs: 'https://developer.clickup.com/docs/webhooksignature',
  setup: 'POST to /team/{id}/webhook with the inbound URL as endpoint. The secret is in the answer.',
  secret: {
    from: 'provider',
    label: 'Secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-signature',
          encoding: 'hex',
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: '{/event}',
      entity: ['task'],
      action: ['{/event|after-first:task}', '{/event}'],
      entityId: '{/task_id}',
      id: '{/history_items/0/id}',
      account: '{/webhook_id}',
    },
  },
};
