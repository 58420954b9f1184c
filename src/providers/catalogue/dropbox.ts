import { type Description } from './description.ts';

export const dropbox: Description = {
  id: 'dropbox',
  name: 'Dropbox',
  docs: 'https://www.dropbox.com/developers/reference/webhooks',
  setup: 'App Console, the app, Settings, Webhooks: the inbound URL. The app secret is on the same page.',
  secret: {
    from: 'provider',
    label: 'App secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-dropbox-signature',
          encoding: 'hex',
        },
        message: ['{body}'],
      },
    ],
    handshake: [
      {
        when: {
          query: 'challenge',
        },
        reply: {
          echo: true,
          contentType: 'text/plain',
        },
      },
    ],
    event: {
      name: 'account.changed',
      id: null,
      entityId: '{/list_folder/accounts/0}',
    },
  },
};
