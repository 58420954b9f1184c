import { type Description } from './description.ts';

export const zoom: Description = {
  id: 'zoom',
  name: 'Zoom',
  docs: 'https://developers.zoom.us/docs/api/webhooks/',
  setup:
    'App Marketplace, the app, Access, Event subscriptions: the inbound URL is the event notification endpoint URL. The secret token is on the same page.',
  secret: {
    from: 'provider',
    label: 'Secret token',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-zm-signature',
          encoding: 'hex',
          prefix: 'v0=',
        },
        timestamp: {
          header: 'x-zm-request-timestamp',
          unit: 's',
        },
        message: ['v0:', '{timestamp}', ':', '{body}'],
      },
    ],
    handshake: [
      {
        when: [
          {
            body: '/payload/plainToken',
          },
          {
            body: '/event',
            equals: 'endpoint.url_validation',
          },
        ],
        reply: {
          json: {
            plainToken: '{value}',
            encryptedToken: '{signature}',
          },
          sign: {
            digest: 'sha256',
            encoding: 'hex',
          },
        },
      },
    ],
    event: {
      name: '{/event}',
      entity: '{/event|before:.}',
      action: '{/event|after:.}',
      entityId: '{/payload/object/id}',
      time: '{/event_ts|ms}',
      account: '{/payload/account_id}',
    },
  },
};
