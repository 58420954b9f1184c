/** How SuperOffice is told to post here. */
import { expect, test } from 'vitest';
import { setupCalls } from '../../../src/providers/superoffice/setup.ts';

const CONTEXT = { name: 'CRM', inboundUrl: 'https://relay.example/in/t_1', secret: 'shh', events: [] };

test('one call for all events, in the form of the vendor’s registration page', () => {
  expect(setupCalls(CONTEXT)).toEqual([
    {
      eventType: null,
      method: 'POST',
      url: 'https://{env}.superoffice.com/{tenant}/api/v1/Webhook',
      headers: { Authorization: 'Bearer {accessToken}', 'Content-Type': 'application/json' },
      body: {
        Name: 'CRM',
        Events: ['contact.created', 'contact.changed', 'contact.deleted'],
        TargetUrl: 'https://relay.example/in/t_1',
        Secret: 'shh',
        State: 'Active',
        Type: 'webhook',
      },
    },
  ]);
});

test('events are those asked for, as they are', () => {
  const events = ['sale.sold', 'no.such', 'Window.Closed'];
  expect(setupCalls({ ...CONTEXT, events })[0]?.body).toMatchObject({ Events: events });
});

test('a source that takes what is unsigned has an empty secret there', () => {
  expect(setupCalls({ ...CONTEXT, secret: '' })[0]?.body).toMatchObject({ Secret: '' });
});
