import { type Description } from './description.ts';

export const sendgrid: Description = {
  id: 'sendgrid',
  name: 'Twilio SendGrid',
  docs: 'https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features',
  setup:
    'Settings, Mail Settings, Event Webhooks, Create new webhook: the inbound URL is the post URL; enable Signed Event Webhook and copy its verification key.',
  secret: {
    from: 'public-key',
    label: 'Verification key',
  },
  recipe: {
    verify: [
      {
        scheme: 'ecdsa-p256',
        signature: {
          header: 'x-twilio-email-event-webhook-signature',
          encoding: 'base64',
        },
        timestamp: {
          header: 'x-twilio-email-event-webhook-timestamp',
          unit: 's',
          // It is sent again for up to 24 hours, and the time need not be a new one.
          toleranceSeconds: 86_400,
        },
        message: ['{timestamp}', '{body}'],
      },
    ],
    split: '',
    event: {
      name: '{/event}',
      entity: 'message',
      action: '{/event}',
      id: '{/sg_event_id}',
      entityId: '{/sg_message_id}',
      time: '{/timestamp|s}',
    },
  },
};
