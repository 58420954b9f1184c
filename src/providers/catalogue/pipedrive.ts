import { type Description } from './description.ts';

export const pipedrive: Description = {
  id: 'pipedrive',
  name: 'Pipedrive',
  docs: 'https://pipedrive.readme.io/docs/guide-for-webhooks-v2',
  setup:
    'Settings, Tools and apps, Webhooks, Create new webhook: the inbound URL is the endpoint URL, version 2. Enter a user name and the secret as HTTP auth.',
  secret: {
    from: 'relay',
    label: 'HTTP auth password',
  },
  options: {
    username: {
      label: 'HTTP auth user name',
    },
  },
  recipe: {
    verify: [
      {
        scheme: 'basic',
      },
    ],
    event: {
      name: '{/meta/action}.{/meta/entity}',
      entity: '{/meta/entity}',
      action: '{/meta/action}',
      id: '{/meta/id}',
      entityId: '{/meta/entity_id}',
      time: '{/meta/timestamp}',
      account: '{/meta/company_id}',
      actor: '{/meta/user_id}',
    },
  },
};
