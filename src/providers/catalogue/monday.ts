import { type Description } from './description.ts';

export const monday: Description = {
  id: 'monday',
  name: 'monday.com',
  docs: 'https://developer.monday.com/api-reference/reference/webhooks',
  setup:
    'Developer Center, the app, Basic information: copy the signing secret. Create the webhook with the app’s token (create_webhook) and the inbound URL; one that is made by hand on a board is not signed.',
  secret: { from: 'provider', label: 'Signing secret of the app' },
  recipe: {
    verify: [{ scheme: 'jwt', signature: { header: 'authorization' } }],
    handshake: [{ when: { body: '/challenge' }, reply: { json: { challenge: '{value}' } } }],
    event: {
      name: '{/event/type}',
      id: ['{/event/triggerUuid}'],
      entityId: ['{/event/pulseId}', '{/event/itemId}', '{/event/boardId}'],
      time: '{/event/triggerTime}',
      account: '{/event/boardId}',
      actor: '{/event/userId}',
    },
  },
};
