import { type Description } from './description.ts';

export const lemonSqueezy: Description = {
  id: 'lemon-squeezy',
  name: 'Lemon Squeezy',
  docs: 'https://docs.lemonsqueezy.com/help/webhooks/signing-requests',
  setup: 'Settings, Webhooks, Add: the inbound URL is the callback URL; enter the secret as signing secret.',
  secret: {
    from: 'relay',
    label: 'Signing secret',
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
      name: '{/meta/event_name}',
      entity: '{/meta/event_name|before:_}',
      action: '{/meta/event_name|after:_}',
      entityId: '{/data/id}',
      time: '{/data/attributes/updated_at}',
      account: '{/data/attributes/store_id}',
    },
  },
};
