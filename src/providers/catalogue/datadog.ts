import { type Description } from './description.ts';

export const datadog: Description = {
  id: 'datadog',
  name: 'Datadog',
  docs: 'https://docs.datadoghq.com/integrations/webhooks/',
  setup:
    'Integrations, Webhooks, New webhook: the inbound URL; add the header with the secret to the custom headers, and EVENT_TYPE, ALERT_ID, ID and DATE to the payload.',
  secret: {
    from: 'relay',
    label: 'Value of the header',
  },
  options: {
    header: {
      label: 'Name of the header',
      default: 'x-posthorn-token',
    },
  },
  recipe: {
    verify: [
      {
        scheme: 'token',
        signature: {
          header: '{option:header}',
        },
      },
    ],
    event: {
      name: 'alert.{/event_type}',
      entity: 'alert',
      action: '{/event_type}',
      id: '{/id}',
      entityId: '{/alert_id}',
      time: '{/date|ms}',
      account: ['{/org/id}', '{/org_id}'],
    },
  },
};
