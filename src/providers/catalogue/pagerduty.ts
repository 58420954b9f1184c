import { type Description } from './description.ts';

export const pagerduty: Description = {
  id: 'pagerduty',
  name: 'PagerDuty',
  docs: 'https://developer.pagerduty.com/docs/verifying-webhook-signatures',
  setup:
    'Integrations, Generic Webhooks (v3), New webhook: the inbound URL. The signing secret is shown once.',
  secret: {
    from: 'provider',
    label: 'Signing secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-pagerduty-signature',
          encoding: 'hex',
          list: {
            separator: ',',
            key: 'v1',
          },
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: '{/event/event_type}',
      entity: '{/event/event_type|before:.}',
      action: '{/event/event_type|after:.}',
      id: '{/event/id}',
      // A note, a status update or a responder is about its incident.
      entityId: ['{/event/data/incident/id}', '{/event/data/id}'],
      time: '{/event/occurred_at}',
      account: '{/event/data/service/id}',
    },
  },
};
