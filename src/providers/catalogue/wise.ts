import { type Description } from './description.ts';

export const wise: Description = {
  id: 'wise',
  name: 'Wise',
  docs: 'https://docs.wise.com/guides/developer/webhooks',
  setup:
    'Settings, Developer tools, Webhooks, Create new webhook: the inbound URL. The public key for production is printed in the documentation.',
  secret: {
    from: 'public-key',
    label: 'Public key',
  },
  recipe: {
    verify: [
      {
        scheme: 'rsa',
        signature: {
          header: 'x-signature-sha256',
          encoding: 'base64',
        },
        message: ['{body}'],
      },
    ],
    ignore: [
      {
        when: {
          header: 'x-test-notification',
          equals: 'true',
        },
      },
    ],
    event: {
      name: '{/event_type}',
      entity: ['{/event_type|before:#}'],
      action: '{/event_type|after:#}',
      id: '{header:x-delivery-id}',
      entityId: ['{/data/resource/id}', '{/data/transfer_id}'],
      time: ['{/data/occurred_at}', '{/sent_at}'],
      account: '{/data/resource/profile_id}',
    },
  },
};
