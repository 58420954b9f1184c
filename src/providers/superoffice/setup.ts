/** How SuperOffice is told to post here. Source: SuperOffice docs, webhook registration page. */
import type { ProviderCall, SetupContext } from '../provider.ts';

const USUAL_EVENTS = ['contact.created', 'contact.changed', 'contact.deleted'];

export function setupCalls({ name, inboundUrl, secret, events }: SetupContext): ProviderCall[] {
  const body = {
    Name: name,
    Events: events.length === 0 ? USUAL_EVENTS : events,
    TargetUrl: inboundUrl,
    Secret: secret ?? '',
    State: 'Active',
    Type: 'webhook',
  };
  return [
    {
      eventType: null,
      method: 'POST',
      url: 'https://{env}.superoffice.com/{tenant}/api/v1/Webhook',
      headers: { Authorization: 'Bearer {accessToken}', 'Content-Type': 'application/json' },
      body,
    },
  ];
}
