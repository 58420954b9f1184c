import { CLIENT_STATE, VALIDATION_TOKEN } from '../recipe/known-signatures.ts';
import { type Description } from './description.ts';

export const microsoftGraph: Description = {
  id: 'microsoft-graph',
  name: 'Microsoft Graph',
  docs: 'https://learn.microsoft.com/graph/change-notifications-delivery-webhooks',
  setup:
    'POST to /subscriptions with the inbound URL as notificationUrl and the secret as clientState. A subscription ends at its expirationDateTime unless it is renewed.',
  secret: {
    from: 'relay',
    label: 'clientState',
  },
  recipe: {
    verify: [CLIENT_STATE],
    handshake: [VALIDATION_TOKEN],
    split: '/value',
    event: {
      name: [
        '{/resourceData/@odata.type|after:.}.{/changeType}',
        '{/resource|before-first:/}.{/changeType}',
        '{/lifecycleEvent}',
      ],
      entity: ['{/resourceData/@odata.type|after:.}', '{/resource|before-first:/}', '{/resource}'],
      action: ['{/changeType}', '{/lifecycleEvent}'],
      id: ['{/id}', null],
      entityId: ['{/resourceData/id}', '{/subscriptionId}'],
      account: '{/tenantId}',
    },
    answer: {
      status: 202,
    },
  },
};
