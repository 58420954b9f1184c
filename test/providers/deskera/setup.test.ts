/** How Deskera is told to post here: one call for each event type. */
import { expect, test } from 'vitest';
import { DOCUMENTED_EVENTS } from '../../../src/providers/deskera/event-name.ts';
import { setupCalls } from '../../../src/providers/deskera/setup.ts';

const CONTEXT = { name: 'ERP', inboundUrl: 'https://relay.example/in/t_1', secret: null, events: [] };

test('a call is the one of the vendor’s page, with placeholders for what the relay does not know', () => {
  expect(setupCalls({ ...CONTEXT, events: ['CREATE_CONTACT'] })).toEqual([
    {
      eventType: 'CREATE_CONTACT',
      method: 'POST',
      url: 'https://bifrost.deskera.com/v1/webhooks/register',
      headers: { 'x-access-token': '{accessToken}', 'Content-Type': 'application/json' },
      body: {
        clientId: '{clientId}',
        clientSecret: '{clientSecret}',
        accessToken: '{accessToken}',
        refreshToken: '{refreshToken}',
        eventType: 'CREATE_CONTACT',
        webhookUrl: 'https://relay.example/in/t_1/CREATE_CONTACT',
      },
    },
  ]);
});

test('without a choice there is one for each documented type', () => {
  expect(setupCalls(CONTEXT).map(({ eventType }) => eventType)).toEqual([...DOCUMENTED_EVENTS.keys()]);
});

test('the type is in the URL, whatever it is called', () => {
  const [call] = setupCalls({ ...CONTEXT, events: ['a b/c?d'] });
  expect(call?.body).toMatchObject({ webhookUrl: 'https://relay.example/in/t_1/a%20b%2Fc%3Fd' });
});
