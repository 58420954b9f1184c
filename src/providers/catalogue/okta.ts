import { type Description } from './description.ts';

export const okta: Description = {
  id: 'okta',
  name: 'Okta event hooks',
  docs: 'https://developer.okta.com/docs/concepts/event-hooks/',
  setup:
    'Workflow, Event Hooks, Create event hook: the inbound URL; the authentication field is the header’s name, the authentication secret the secret.',
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
    split: '/data/events',
    handshake: [
      {
        when: {
          header: 'x-okta-verification-challenge',
        },
        reply: {
          json: {
            verification: '{value}',
          },
        },
      },
    ],
    event: {
      name: '{/eventType}',
      entity: '{/eventType|before:.}',
      action: '{/eventType|after:.}',
      id: '{/uuid}',
      entityId: '{/target/0/id}',
      time: '{/published}',
      account: '{body:/source}',
      actor: '{/actor/id}',
    },
    answer: {
      body: '',
      contentType: 'text/plain',
    },
  },
};
