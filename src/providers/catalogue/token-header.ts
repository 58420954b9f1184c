import { type Description } from './description.ts';

export const tokenHeader: Description = {
  id: 'token-header',
  name: 'Shared header',
  docs: 'https://datatracker.ietf.org/doc/html/rfc9110',
  setup:
    'For any sender that sends a header of your choice: enter its name and the secret of this source there, and append a slash and the event’s name to the inbound URL where the body does not say it.',
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
      name: ['{path}', '{/type}', '{/event}', '{/eventType}', 'event'],
      entityId: '{/id}',
      id: ['{header:webhook-id}', '{header:idempotency-key}', '{/event_id}'],
    },
  },
};
