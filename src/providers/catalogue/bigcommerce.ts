import { type Description } from './description.ts';

export const bigcommerce: Description = {
  id: 'bigcommerce',
  name: 'BigCommerce',
  docs: 'https://developer.bigcommerce.com/docs/integrations/webhooks',
  setup:
    'POST to /v3/hooks with the inbound URL as destination and the secret as the value of a header x-posthorn-token in headers.',
  secret: {
    from: 'relay',
    label: 'Value of the header',
  },
  recipe: {
    verify: [
      {
        scheme: 'token',
        signature: {
          header: 'x-posthorn-token',
        },
      },
    ],
    event: {
      name: '{/scope|after-first:/}',
      entity: '{/scope|after-first:/|before:/}',
      action: '{/scope|after:/}',
      // The hash is that of a body which need not hold a time.
      id: ['{/hash}-{/created_at}', null],
      entityId: '{/data/id}',
      time: '{/created_at|s}',
      account: '{/producer|after:/}',
    },
    answer: {
      body: '',
      contentType: 'text/plain',
    },
  },
};
