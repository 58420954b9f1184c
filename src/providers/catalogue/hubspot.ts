import { type Description } from './description.ts';

export const hubspot: Description = {
  id: 'hubspot',
  name: 'HubSpot',
  docs: 'https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests',
  setup:
    'Developer account, the app, Webhooks: the inbound URL is the target URL. The client secret is on the page Auth of the app.',
  secret: { from: 'provider', label: 'Client secret' },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: { header: 'x-hubspot-signature-v3', encoding: 'base64' },
        timestamp: { header: 'x-hubspot-request-timestamp', unit: 'ms' },
        message: ['{method}', '{url|unescape}', '{body}', '{timestamp}'],
      },
      {
        scheme: 'hash',
        digest: 'sha256',
        when: { header: 'x-hubspot-signature-version', equals: 'v1' },
        signature: { header: 'x-hubspot-signature', encoding: 'hex' },
        message: ['{secret}', '{body}'],
      },
      {
        scheme: 'hash',
        digest: 'sha256',
        when: { header: 'x-hubspot-signature-version', equals: 'v2' },
        signature: { header: 'x-hubspot-signature', encoding: 'hex' },
        message: ['{secret}', '{method}', '{url}', '{body}'],
      },
    ],
    split: '',
    event: {
      name: '{/subscriptionType}',
      // HubSpot does not promise that an eventId is unique.
      id: [
        '{/eventId}-{/subscriptionId}-{/objectId}-{/occurredAt}',
        '{/eventId}-{/subscriptionId}-{/fromObjectId}-{/toObjectId}-{/occurredAt}',
      ],
      entityId: ['{/objectId}', '{/fromObjectId}'],
      time: '{/occurredAt|ms}',
      account: '{/portalId}',
    },
  },
};
