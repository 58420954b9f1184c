import { type Description } from './description.ts';

export const mailgun: Description = {
  id: 'mailgun',
  name: 'Mailgun',
  docs: 'https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks',
  setup:
    'Sending, Webhooks, Add webhook: the inbound URL. The HTTP webhook signing key is on the page API security.',
  secret: {
    from: 'provider',
    label: 'HTTP webhook signing key',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          body: '/signature/signature',
          encoding: 'hex',
        },
        timestamp: {
          body: '/signature/timestamp',
          unit: 's',
          toleranceSeconds: 43200,
        },
        message: ['{timestamp}', '{/signature/token}'],
      },
    ],
    event: {
      name: '{/event-data/event}',
      entity: 'message',
      action: '{/event-data/event}',
      id: '{/event-data/id}',
      entityId: '{/event-data/message/headers/message-id}',
      time: '{/event-data/timestamp|s}',
      account: '{/event-data/account/id}',
    },
  },
};
