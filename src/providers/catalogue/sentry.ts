import { type Description } from './description.ts';

export const sentry: Description = {
  id: 'sentry',
  name: 'Sentry',
  docs: 'https://docs.sentry.io/organization/integrations/integration-platform/webhooks/',
  setup:
    'Settings, Custom Integrations, the integration: the inbound URL is the webhook URL. The client secret is on the same page.',
  secret: {
    from: 'provider',
    label: 'Client secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'sentry-hook-signature',
          encoding: 'hex',
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: '{header:sentry-hook-resource}.{/action}',
      entity: '{header:sentry-hook-resource}',
      action: '{/action}',
      id: '{header:request-id}',
      entityId: [
        '{/data/issue/id}',
        '{/data/event/event_id}',
        '{/data/error/event_id}',
        '{/data/comment_id}',
        '{/data/metric_alert/id}',
      ],
      time: '{header:sentry-hook-timestamp|s}',
      account: '{/installation/uuid}',
    },
  },
};
