import { SVIX } from '../recipe/known-signatures.ts';
import { type Description } from './description.ts';

export const resend: Description = {
  id: 'resend',
  name: 'Resend',
  docs: 'https://resend.com/docs/dashboard/webhooks/verify-webhooks-requests',
  setup: 'Webhooks, Add webhook: the inbound URL. The signing secret is on the page of the webhook.',
  secret: {
    from: 'provider',
    label: 'Signing secret',
  },
  recipe: {
    verify: [SVIX],
    event: {
      name: '{/type}',
      entity: '{/type|before:.}',
      action: '{/type|after:.}',
      id: '{header:svix-id}',
      entityId: ['{/data/email_id}', '{/data/id}'],
      time: '{/created_at}',
    },
  },
};
