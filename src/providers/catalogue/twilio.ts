import { type Description } from './description.ts';

export const twilio: Description = {
  id: 'twilio',
  name: 'Twilio',
  docs: 'https://www.twilio.com/docs/usage/webhooks/webhooks-security',
  setup:
    'Phone Numbers, the number, or the status callback of a request: the inbound URL. The auth token is on the dashboard of the account.',
  secret: {
    from: 'provider',
    label: 'Auth token',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha1',
        when: {
          query: 'bodySHA256',
        },
        signature: {
          header: 'x-twilio-signature',
          encoding: 'base64',
        },
        message: ['{url}'],
        content: {
          query: 'bodySHA256',
          digest: 'sha256',
          encoding: 'hex',
        },
      },
      {
        scheme: 'hmac',
        digest: 'sha1',
        signature: {
          header: 'x-twilio-signature',
          encoding: 'base64',
        },
        message: ['{url}', '{form}'],
      },
    ],
    event: {
      name: [
        'message.{form:MessageStatus}',
        'message.{form:SmsStatus}',
        'call.{form:CallStatus}',
        '{form:EventType}',
        'event',
      ],
      id: '{header:i-twilio-idempotency-token}',
      entityId: ['{form:MessageSid}', '{form:CallSid}'],
      account: '{form:AccountSid}',
    },
    actions: {
      accepted: 'accepted',
      queued: 'queued',
      sending: 'sending',
      sent: 'sent',
      delivered: 'delivered',
      undelivered: 'undelivered',
      failed: 'failed',
      received: 'received',
      read: 'read',
      initiated: 'initiated',
      ringing: 'ringing',
      'in-progress': 'in-progress',
      completed: 'completed',
      busy: 'busy',
      'no-answer': 'no-answer',
      canceled: 'canceled',
    },
    answer: {
      body: '<Response></Response>',
      contentType: 'text/xml',
    },
  },
};
