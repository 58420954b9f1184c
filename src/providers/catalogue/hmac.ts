import { type Description } from './description.ts';

export const hmac: Description = {
  id: 'hmac',
  name: 'HMAC over the body',
  docs: 'https://datatracker.ietf.org/doc/html/rfc2104',
  setup:
    'For any sender that signs the body with HMAC-SHA256 in hex: enter the name of its header and, where there is one, what stands before the signature. For anything else write a recipe of your own.',
  secret: {
    from: 'relay',
    label: 'Signing secret',
  },
  options: {
    header: {
      label: 'Name of the header',
      default: 'x-signature-256',
    },
    prefix: {
      label: 'What stands before the signature',
      default: 'sha256=',
    },
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: '{option:header}',
          encoding: 'hex',
          prefix: '{option:prefix}',
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: ['{path}', '{/type}', '{/event}', '{/eventType}', 'event'],
      entityId: '{/id}',
      id: ['{header:webhook-id}', '{header:idempotency-key}', '{/event_id}'],
    },
  },
};
