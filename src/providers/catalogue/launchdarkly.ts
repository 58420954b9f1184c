import { type Description } from './description.ts';

export const launchdarkly: Description = {
  id: 'launchdarkly',
  name: 'LaunchDarkly',
  docs: 'https://launchdarkly.com/docs/home/infrastructure/webhooks',
  setup: 'Integrations, Webhooks, Add integration: the inbound URL; sign the webhook with the secret.',
  secret: {
    from: 'relay',
    label: 'Secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-ld-signature',
          encoding: 'hex',
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: '{/kind}.{/titleVerb}',
      entity: '{/kind}',
      action: '{/accesses/0/action}',
      id: '{/_id}',
      entityId: '{/accesses/0/resource|after:/}',
      time: '{/date|ms}',
      account: '{/_accountId}',
    },
  },
};
