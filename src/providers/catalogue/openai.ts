import { STANDARD_WEBHOOKS } from '../recipe/known-signatures.ts';
import { type Description } from './description.ts';

export const openai: Description = {
  id: 'openai',
  name: 'OpenAI',
  docs: 'https://platform.openai.com/docs/guides/webhooks',
  setup: 'Settings, Webhooks, Create: the inbound URL. The signing secret is shown once.',
  secret: {
    from: 'provider',
    label: 'Signing secret',
  },
  recipe: {
    verify: [STANDARD_WEBHOOKS],
    event: {
      name: '{/type}',
      entity: '{/type|before:.}',
      action: '{/type|after:.}',
      id: '{header:webhook-id}',
      entityId: '{/data/id}',
      time: '{/created_at|s}',
    },
  },
};
