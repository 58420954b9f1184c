import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'the request of a published vector',
    vector: 'https://www.twilio.com/docs/usage/security',
    secret: '12345',
    url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': '0/KCTR6DLpKmkAf8muzZqo1nDgQ=',
    },
    body: 'CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030&To=%2B18005551212',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'twilio.event.received',
          subject: 'event/CA1234567890ABCDE',
        },
      ],
    },
  },
  {
    what: 'a delivered message',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'i-twilio-idempotency-token': 'tok-1',
      'x-twilio-signature': 'iK02Gn9QsgP+Ii3f8Frgg5G8TCQ=',
    },
    body: 'MessageSid=SM1234567890abcdef&AccountSid=AC1234567890abcdef&MessageStatus=delivered&To=%2B15558675310',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'twilio.message.delivered',
          subject: 'message/SM1234567890abcdef',
          id: 'tok-1',
          account: 'AC1234567890abcdef',
        },
      ],
    },
  },
  {
    what: 'a JSON body, whose digest the URL names',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    url: 'https://relay.example.com/in/token?bodySHA256=7e5aafaaeef1aabc447ec00660cbdee85d261b7813d69fd87686c4a9ea2ed329',
    headers: {
      'content-type': 'application/json',
      'x-twilio-signature': '8Y2qdtJXzuOj5MuO76byvYsyUQc=',
    },
    body: '{"id":"conf_1","status":"done"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'twilio.event.received',
        },
      ],
    },
  },
  {
    what: 'another JSON body than the URL names',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    url: 'https://relay.example.com/in/token?bodySHA256=7e5aafaaeef1aabc447ec00660cbdee85d261b7813d69fd87686c4a9ea2ed329',
    headers: {
      'content-type': 'application/json',
      'x-twilio-signature': '8Y2qdtJXzuOj5MuO76byvYsyUQc=',
    },
    body: '{"id":"conf_1","status":"done"} ',
    becomes: {
      kind: 'rejected',
    },
  },
];
