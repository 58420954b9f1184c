import { CLIENT_STATE, VALIDATION_TOKEN } from '../recipe/known-signatures.ts';
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
    verify: [CLIENT_STATE],
    handshake: [VALIDATION_TOKEN],
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
