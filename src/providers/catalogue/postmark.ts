import { type Description } from './description.ts';

export const postmark: Description = {
  id: 'postmark',
  name: 'Postmark',
  docs: 'https://postmarkapp.com/developer/webhooks/webhooks-overview',
  setup:
    'Servers, the server, the message stream, Webhooks, Add webhook: the inbound URL; enter a user name and the secret as basic auth credentials.',
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
      name: '{/RecordType}',
      entity: 'message',
      action: '{/RecordType}',
      entityId: '{/MessageID}',
      time: ['{/DeliveredAt}', '{/BouncedAt}', '{/ReceivedAt}', '{/ChangedAt}'],
      account: '{/ServerID}',
    },
  },
};
