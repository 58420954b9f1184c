import { type Description } from './description.ts';

export const sparkpost: Description = {
  id: 'sparkpost',
  name: 'SparkPost',
  docs: 'https://developers.sparkpost.com/api/webhooks/',
  setup:
    'Configuration, Webhooks, Create webhook: the inbound URL is the target, the authentication Basic with a user name and the secret.',
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
    split: '',
    event: {
      name: [
        '{/msys/message_event/type}',
        '{/msys/track_event/type}',
        '{/msys/gen_event/type}',
        '{/msys/unsubscribe_event/type}',
        '{/msys/relay_event/type}',
        '{/msys/ab_test_event/type}',
      ],
      entity: 'message',
      action: [
        '{/msys/message_event/type}',
        '{/msys/track_event/type}',
        '{/msys/gen_event/type}',
        '{/msys/unsubscribe_event/type}',
        '{/msys/relay_event/type}',
        '{/msys/ab_test_event/type}',
      ],
      id: [
        '{/msys/message_event/event_id}',
        '{/msys/track_event/event_id}',
        '{/msys/gen_event/event_id}',
        '{/msys/unsubscribe_event/event_id}',
        '{/msys/relay_event/event_id}',
        '{/msys/ab_test_event/event_id}',
      ],
      entityId: [
        '{/msys/message_event/message_id}',
        '{/msys/track_event/message_id}',
        '{/msys/gen_event/message_id}',
        '{/msys/unsubscribe_event/message_id}',
        '{/msys/relay_event/message_id}',
        '{/msys/ab_test_event/message_id}',
      ],
      time: [
        '{/msys/message_event/timestamp|s}',
        '{/msys/track_event/timestamp|s}',
        '{/msys/gen_event/timestamp|s}',
        '{/msys/unsubscribe_event/timestamp|s}',
        '{/msys/relay_event/timestamp|s}',
        '{/msys/ab_test_event/timestamp|s}',
      ],
      account: [
        '{/msys/message_event/customer_id}',
        '{/msys/track_event/customer_id}',
        '{/msys/gen_event/customer_id}',
        '{/msys/unsubscribe_event/customer_id}',
        '{/msys/relay_event/customer_id}',
        '{/msys/ab_test_event/customer_id}',
      ],
    },
  },
};
