import { type Description } from './description.ts';

export const businessCentral: Description = {
  id: 'business-central',
  name: 'Microsoft Dynamics 365 Business Central',
  docs: 'https://learn.microsoft.com/dynamics365/business-central/dev-itpro/api-reference/v2.0/dynamics-subscriptions',
  setup:
    'POST to the subscriptions API with the inbound URL as notificationUrl and the secret as clientState. A subscription ends after three days unless it is renewed.',
  secret: {
    from: 'relay',
    label: 'clientState',
  },
  recipe: {
    verify: [
      {
        scheme: 'token',
        signature: {
          body: '/clientState',
        },
        each: true,
      },
    ],
    handshake: [
      {
        when: {
          query: 'validationToken',
        },
        reply: {
          echo: true,
          contentType: 'text/plain',
        },
      },
    ],
    split: '/value',
    event: {
      // One record, or many that a filter names.
      name: [
        '{/resource|after:/|before:(}.{/changeType}',
        '{/resource|before-first:?|after:/}.{/changeType}',
      ],
      entity: ['{/resource|after:/|before:(}', '{/resource|before-first:?|after:/}'],
      action: '{/changeType}',
      entityId: '{/resource|after:/|after:(|before:)}',
      time: '{/lastModifiedDateTime}',
      account: '{/resource|after-first:companies(|before-first:)}',
    },
    answer: {
      status: 202,
    },
  },
};
