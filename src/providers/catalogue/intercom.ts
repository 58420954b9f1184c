import { type Description } from './description.ts';

export const intercom: Description = {
  id: 'intercom',
  name: 'Intercom',
  docs: 'https://developers.intercom.com/docs/webhooks/setting-up-webhooks',
  setup:
    'Developer Hub, the app, Webhooks: the inbound URL is the endpoint URL. The client secret is on the page Basic information.',
  secret: {
    from: 'provider',
    label: 'Client secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha1',
        signature: {
          header: 'x-hub-signature',
          encoding: 'hex',
          prefix: 'sha1=',
        },
        message: ['{body}'],
      },
    ],
    ignore: [
      {
        when: {
          body: '/topic',
          equals: 'ping',
        },
      },
    ],
    event: {
      name: '{/topic}',
      entity: '{/topic|before:.}',
      action: '{/topic|after:.}',
      id: '{/id}',
      entityId: '{/data/item/id}',
      time: '{/created_at|s}',
      account: '{/app_id}',
    },
  },
};
