import { type Description } from './description.ts';

export const typeform: Description = {
  id: 'typeform',
  name: 'Typeform',
  docs: 'https://www.typeform.com/developers/webhooks/secure-your-webhooks/',
  setup: 'The form, Connect, Webhooks, Add a webhook: the inbound URL; edit it to enter the secret.',
  secret: {
    from: 'relay',
    label: 'Secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'typeform-signature',
          encoding: 'base64',
          prefix: 'sha256=',
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: '{/event_type}',
      id: '{/event_id}',
      entityId: '{/form_response/form_id}',
      time: '{/form_response/submitted_at}',
    },
  },
};
