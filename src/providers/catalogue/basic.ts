import { type Description } from './description.ts';

export const basic: Description = {
  id: 'basic',
  name: 'HTTP Basic',
  docs: 'https://datatracker.ietf.org/doc/html/rfc7617',
  setup:
    'For any sender that authenticates with a user name and a password: enter the user name and the secret of this source there, and append a slash and the event’s name to the inbound URL where the body does not say it.',
  secret: {
    from: 'relay',
    label: 'Password',
  },
  options: {
    username: {
      label: 'User name',
    },
  },
  recipe: {
    verify: [
      {
        scheme: 'basic',
      },
    ],
    event: {
      name: ['{path}', '{/type}', '{/event}', '{/eventType}', 'event'],
      entityId: '{/id}',
      id: ['{header:webhook-id}', '{header:idempotency-key}', '{/event_id}'],
    },
  },
};
