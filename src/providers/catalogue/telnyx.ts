import { type Description } from './description.ts';

export const telnyx: Description = {
  id: 'telnyx',
  name: 'Telnyx',
  docs: 'https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks',
  setup:
    'The messaging profile or the application: the inbound URL is the webhook URL. The public key is under Keys and credentials.',
  secret: {
    from: 'public-key',
    label: 'Public key',
  },
  recipe: {
    verify: [
      {
        scheme: 'ed25519',
        signature: {
          header: 'telnyx-signature-ed25519',
          encoding: 'base64',
        },
        timestamp: {
          header: 'telnyx-timestamp',
          unit: 's',
        },
        message: ['{timestamp}', '|', '{body}'],
      },
    ],
    event: {
      name: '{/data/event_type}',
      entity: '{/data/event_type|before:.}',
      action: '{/data/event_type|after:.}',
      id: '{/data/id}',
      entityId: ['{/data/payload/call_control_id}', '{/data/payload/id}'],
      time: '{/data/occurred_at}',
    },
  },
};
