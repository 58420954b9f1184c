import { type Description } from './description.ts';

const HOST = String.raw`https://sns\.[a-z0-9-]{1,40}\.amazonaws\.com(\.cn)?/`;

/**
 * Of all kinds of messages: what one of them has not is left out. Topic and Type stand last and are exact, so that nobody
 * can cut the fields of another topic's message so that it reads as one of this.
 */
const MESSAGE = [
  'Message\n{/Message}\nMessageId\n{/MessageId}\n',
  '{/Subject|prefix:Subject\n|suffix:\n|default:}',
  '{/SubscribeURL|prefix:SubscribeURL\n|suffix:\n|default:}',
  'Timestamp\n{/Timestamp}\n',
  '{/Token|prefix:Token\n|suffix:\n|default:}',
  'TopicArn\n{/TopicArn}\nType\n{/Type}\n',
];
const TYPES = ['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation'];
/** Amazon signs for everybody: only the topic tells whose message it is. */
const OF_THE_TOPIC = [
  { body: '/TopicArn', equals: '{option:topicArn}' },
  { body: '/Type', equals: TYPES },
] as const;
const SIGNATURE = { body: '/Signature', encoding: 'base64' } as const;

export const awsSns: Description = {
  id: 'aws-sns',
  name: 'Amazon SNS',
  docs: 'https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html',
  setup:
    'Amazon SNS, the topic, Create subscription: protocol HTTPS, the inbound URL as the endpoint, raw message delivery off, as raw messages are not signed. Amazon then asks for a confirmation: POST /v1/sources/{id}/confirm gives it, and nothing else does.',
  secret: { from: 'none', label: '' },
  options: { topicArn: { label: 'ARN of the topic' } },
  recipe: {
    verify: [
      {
        scheme: 'rsa',
        digest: 'sha256',
        fetched: true,
        when: [{ body: '/SignatureVersion', equals: '2' }, ...OF_THE_TOPIC],
        signature: SIGNATURE,
        message: MESSAGE,
      },
      {
        scheme: 'rsa',
        digest: 'sha1',
        fetched: true,
        when: [{ body: '/SignatureVersion', equals: '1' }, ...OF_THE_TOPIC],
        signature: SIGNATURE,
        message: MESSAGE,
      },
    ],
    ignore: [{ when: { body: '/Type', equals: TYPES.slice(1) } }],
    event: {
      name: '{/Type}',
      id: '{/MessageId}',
      time: '{/Timestamp}',
      account: '{/TopicArn}',
    },
  },
  keys: {
    named: { body: '/SigningCertURL' },
    url: '{value}',
    allowed: new RegExp(`^${HOST}SimpleNotificationService-[0-9A-Za-z]{1,64}\\.pem$`),
  },
  confirm: {
    when: { body: '/Type', equals: 'SubscriptionConfirmation' },
    url: { body: '/SubscribeURL' },
    allowed: new RegExp(`^${HOST}\\?Action=ConfirmSubscription&[!-~]{1,2000}$`),
  },
};
