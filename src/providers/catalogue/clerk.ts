import { SVIX } from '../recipe/known-signatures.ts';
import { type Description } from './description.ts';

export const clerk: Description = {
  id: 'clerk',
  name: 'Clerk',
  docs: 'https://clerk.com/docs/webhooks/overview',
  setup:
    'Dashboard, Webhooks, Add endpoint: the inbound URL. The signing secret is on the page of the endpoint.',
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
      entityId: '{/data/id}',
      time: '{/timestamp|ms}',
      account: '{/instance_id}',
    },
  },
};
