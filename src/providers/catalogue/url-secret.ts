import { type Description } from './description.ts';

export const urlSecret: Description = {
  id: 'url-secret',
  name: 'Secret URL',
  docs: 'https://en.wikipedia.org/wiki/Capability-based_security',
  setup:
    'For a sender that can neither sign nor authenticate: the inbound URL is the only secret. Append a slash and the event’s name where the body does not say it.',
  secret: {
    from: 'none',
    label: '',
  },
  recipe: {
    verify: [
      {
        scheme: 'none',
      },
    ],
    event: {
      name: ['{path}', '{/type}', '{/event}', '{/eventType}', 'event'],
      entityId: '{/id}',
      id: ['{header:webhook-id}', '{header:idempotency-key}', '{/event_id}'],
    },
  },
};
