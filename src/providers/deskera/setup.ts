/** How Deskera is told to post here: one call for each event type. Source: Deskera docs, webhook page. */
import type { ProviderCall, SetupContext } from '../provider.ts';
import { DOCUMENTED_EVENTS } from './event-name.ts';

export function setupCalls({ inboundUrl, events }: SetupContext): ProviderCall[] {
  const eventTypes = events.length === 0 ? [...DOCUMENTED_EVENTS.keys()] : events;
  return eventTypes.map((eventType) => ({
    eventType,
    method: 'POST',
    url: 'https://bifrost.deskera.com/v1/webhooks/register',
    headers: { 'x-access-token': '{accessToken}', 'Content-Type': 'application/json' },
    body: {
      clientId: '{clientId}',
      clientSecret: '{clientSecret}',
      accessToken: '{accessToken}',
      refreshToken: '{refreshToken}',
      eventType,
      webhookUrl: `${inboundUrl}/${encodeURIComponent(eventType)}`,
    },
  }));
}
