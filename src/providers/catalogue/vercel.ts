import { type Description } from './description.ts';

export const vercel: Description = {
  id: 'vercel',
  name: 'Vercel',
  docs: 'https://vercel.com/docs/webhooks/webhooks-api',
  setup:
    'Team settings, Webhooks, Create webhook: the inbound URL is the endpoint. The secret is shown once.',
  secret: {
    from: 'provider',
    label: 'Secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha1',
        signature: {
          header: 'x-vercel-signature',
          encoding: 'hex',
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: '{/type}',
      entity: '{/type|before:.}',
      action: '{/type|after:.}',
      id: '{/id}',
      entityId: ['{/payload/deployment/id}', '{/payload/project/id}'],
      time: '{/createdAt|ms}',
      account: ['{/payload/team/id}', '{/payload/user/id}'],
    },
  },
};
