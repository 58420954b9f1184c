import { type Description } from './description.ts';

export const customerIo: Description = {
  id: 'customer-io',
  name: 'Customer.io',
  docs: 'https://docs.customer.io/integrations/data-out/connections/webhooks/',
  setup:
    'Data and integrations, Integrations, Reporting webhooks, Add: the inbound URL. The signing key is on the page of the webhook.',
  secret: {
    from: 'provider',
    label: 'Webhook signing key',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-cio-signature',
          encoding: 'hex',
        },
        timestamp: {
          header: 'x-cio-timestamp',
          unit: 's',
        },
        message: ['v0:', '{timestamp}', ':', '{body}'],
      },
    ],
    event: {
      name: '{/object_type}.{/metric}',
      entity: '{/object_type}',
      action: '{/metric}',
      id: '{/event_id}',
      entityId: '{/data/delivery_id}',
      time: '{/timestamp|s}',
    },
  },
};
