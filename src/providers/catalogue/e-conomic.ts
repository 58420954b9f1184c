import { type Description } from './description.ts';

export const eConomic: Description = {
  id: 'e-conomic',
  name: 'e-conomic',
  docs: 'https://www.e-conomic.com/developer/working-with-web-hooks',
  setup:
    'Settings, Extensions, Webhooks: the URL is the inbound URL, a slash, the name of the event (invoice.created) and ?token= with the secret &id= with the merge field, such as [INVOICENO].',
  secret: {
    from: 'relay',
    label: 'Query parameter token',
  },
  recipe: {
    verify: [
      {
        scheme: 'token',
        signature: {
          query: 'token',
        },
      },
    ],
    event: {
      name: '{path}',
      id: null,
      entityId: '{query:id}',
      account: '{query:agreement}',
    },
  },
};
