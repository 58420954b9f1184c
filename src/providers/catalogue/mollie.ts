import { type Description } from './description.ts';

export const mollie: Description = {
  id: 'mollie',
  name: 'Mollie',
  docs: 'https://docs.mollie.com/reference/webhooks-new',
  setup:
    'Dashboard, Developers, Webhooks, or POST to /v2/webhooks: the inbound URL and the types of events. The signing secret is shown once. The classic webhooks of single payments are not signed and do not fit here.',
  secret: {
    from: 'provider',
    label: 'Signing secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-mollie-signature',
          encoding: 'hex',
          prefix: 'sha256=',
          // After a change of the secret there are two such headers for a day.
          list: {
            separator: ', ',
          },
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: '{/type}',
      entity: '{/type|before:.}',
      action: '{/type|after:.}',
      id: '{/id}',
      entityId: '{/entityId}',
      time: '{/createdAt}',
      account: '{/_embedded/entity/profileId}',
    },
  },
};
