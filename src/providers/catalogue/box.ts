import { type Description } from './description.ts';

export const box: Description = {
  id: 'box',
  name: 'Box',
  docs: 'https://developer.box.com/guides/webhooks/v2/signatures-v2/',
  setup:
    'Developer Console, the app, Webhooks, Create webhook: the inbound URL. The primary and secondary keys are under Manage signature keys; enter either.',
  secret: {
    from: 'provider',
    label: 'Signature key',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: ['box-signature-primary', 'box-signature-secondary'],
          encoding: 'base64',
        },
        timestamp: {
          header: 'box-delivery-timestamp',
          unit: 'iso',
          toleranceSeconds: 600,
        },
        message: ['{body}', '{timestamp}'],
      },
    ],
    event: {
      name: '{/trigger}',
      entity: '{/trigger|before:.}',
      action: '{/trigger|after:.}',
      id: '{/id}',
      entityId: '{/source/id}',
      time: '{/created_at}',
    },
  },
};
