import { STANDARD_WEBHOOKS } from '../recipe/known-signatures.ts';
import { type Description } from './description.ts';

export const polar: Description = {
  id: 'polar',
  name: 'Polar',
  docs: 'https://polar.sh/docs/integrate/webhooks/delivery',
  setup:
    'Settings, Webhooks, Add endpoint: the inbound URL, format Raw. The secret is your own, or made there.',
  secret: {
    from: 'provider',
    label: 'Signing secret',
  },
  recipe: {
    verify: [
      // The secret as it is, not what it is the base64 of.
      { ...STANDARD_WEBHOOKS, key: 'text' },
    ],
    event: {
      name: '{/type}',
      entity: '{/type|before:.}',
      action: '{/type|after:.}',
      id: '{header:webhook-id}',
      entityId: '{/data/id}',
      time: '{/timestamp}',
    },
  },
};
