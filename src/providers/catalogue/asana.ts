import { type Description } from './description.ts';

export const asana: Description = {
  id: 'asana',
  name: 'Asana',
  docs: 'https://developers.asana.com/docs/webhooks-guide',
  setup:
    'POST to /webhooks with the inbound URL as target. Asana sends the secret at once in a handshake, and the relay keeps it: create the source without one.',
  secret: {
    from: 'provider',
    label: 'X-Hook-Secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-hook-signature',
          encoding: 'hex',
        },
        message: ['{body}'],
      },
    ],
    handshake: [
      {
        when: {
          header: 'x-hook-secret',
        },
        keepsSecret: true,
        reply: {
          headers: {
            'x-hook-secret': '{value}',
          },
        },
      },
    ],
    split: '/events',
    event: {
      name: '{/resource/resource_type}.{/action}',
      entity: '{/resource/resource_type}',
      action: '{/action}',
      entityId: '{/resource/gid}',
      time: '{/created_at}',
      actor: '{/user/gid}',
    },
  },
};
