import { PAYPAL_CERTIFICATE_URL } from './sender-keys.ts';
import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a completed capture',
    vector: 'own',
    secret: null,
    options: { webhookId: '4JH86294D6297924G' },
    keyUrl: PAYPAL_CERTIFICATE_URL,
    headers: {
      'content-type': 'application/json',
      'paypal-transmission-id': '69cd13f0-d67a-11e5-baa3-778b53f4ae55',
      'paypal-transmission-time': '2026-10-31T23:59:58Z',
      'paypal-transmission-sig':
        'QB1v3ewvFSRAivy1ImSnGX0qD1t8BMK6eHnpIhkGWN3dTstC8Fdvvai6uLt0sMmNZ8LT6EU5jxY+od7bg9riUsjOLNbw8F/XOaynOPEfhGBjN/JfPGFNDMqTghYxhKn+FY61U+OUXGea1440IxK2/L9tgpmb/jGuiAt4Dtzh4GepTxFKGxyav3ox9nSWH98fUEFnrz2VK5dSm7u1ZWrBRZEkalRpepc1ZdQ7mlPf91iKpmf5dybzZcWhRmNDuxz3VoTkcArFHVRh8TXEwoHFN3NYkxVBe1lxfeHyp+8W+s3iRFt8aPNwCTLdliVRT4QvzUI/vO+fsEv3oiWyVwfK7Q==',
      'paypal-cert-url': 'https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77',
      'paypal-auth-algo': 'SHA256withRSA',
    },
    body: '{"id":"WH-2WR32451HC0233532-67976317FL4543714","event_version":"1.0","create_time":"2026-10-31T23:59:57.000Z","resource_type":"capture","event_type":"PAYMENT.CAPTURE.COMPLETED","summary":"Payment completed for € 30.00","resource":{"id":"42311647XV020574X","status":"COMPLETED","amount":{"currency_code":"EUR","value":"30.00"}}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'paypal.payment.capture.completed',
          subject: 'payment.capture/42311647XV020574X',
          id: 'WH-2WR32451HC0233532-67976317FL4543714',
          time: '2026-10-31T23:59:57.000Z',
          event: 'PAYMENT.CAPTURE.COMPLETED',
        },
      ],
    },
  },
  {
    what: 'the same, signed for another webhook',
    vector: 'own',
    secret: null,
    options: { webhookId: '0EH40505U7160970P' },
    keyUrl: PAYPAL_CERTIFICATE_URL,
    headers: {
      'content-type': 'application/json',
      'paypal-transmission-id': '69cd13f0-d67a-11e5-baa3-778b53f4ae55',
      'paypal-transmission-time': '2026-10-31T23:59:58Z',
      'paypal-transmission-sig':
        'QB1v3ewvFSRAivy1ImSnGX0qD1t8BMK6eHnpIhkGWN3dTstC8Fdvvai6uLt0sMmNZ8LT6EU5jxY+od7bg9riUsjOLNbw8F/XOaynOPEfhGBjN/JfPGFNDMqTghYxhKn+FY61U+OUXGea1440IxK2/L9tgpmb/jGuiAt4Dtzh4GepTxFKGxyav3ox9nSWH98fUEFnrz2VK5dSm7u1ZWrBRZEkalRpepc1ZdQ7mlPf91iKpmf5dybzZcWhRmNDuxz3VoTkcArFHVRh8TXEwoHFN3NYkxVBe1lxfeHyp+8W+s3iRFt8aPNwCTLdliVRT4QvzUI/vO+fsEv3oiWyVwfK7Q==',
      'paypal-cert-url': 'https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77',
      'paypal-auth-algo': 'SHA256withRSA',
    },
    body: '{"id":"WH-2WR32451HC0233532-67976317FL4543714","event_version":"1.0","create_time":"2026-10-31T23:59:57.000Z","resource_type":"capture","event_type":"PAYMENT.CAPTURE.COMPLETED","summary":"Payment completed for € 30.00","resource":{"id":"42311647XV020574X","status":"COMPLETED","amount":{"currency_code":"EUR","value":"30.00"}}}',
    becomes: { kind: 'rejected' },
  },
  {
    what: 'another body',
    vector: 'none',
    secret: null,
    options: { webhookId: '4JH86294D6297924G' },
    keyUrl: PAYPAL_CERTIFICATE_URL,
    headers: {
      'content-type': 'application/json',
      'paypal-transmission-id': '69cd13f0-d67a-11e5-baa3-778b53f4ae55',
      'paypal-transmission-time': '2026-10-31T23:59:58Z',
      'paypal-transmission-sig':
        'QB1v3ewvFSRAivy1ImSnGX0qD1t8BMK6eHnpIhkGWN3dTstC8Fdvvai6uLt0sMmNZ8LT6EU5jxY+od7bg9riUsjOLNbw8F/XOaynOPEfhGBjN/JfPGFNDMqTghYxhKn+FY61U+OUXGea1440IxK2/L9tgpmb/jGuiAt4Dtzh4GepTxFKGxyav3ox9nSWH98fUEFnrz2VK5dSm7u1ZWrBRZEkalRpepc1ZdQ7mlPf91iKpmf5dybzZcWhRmNDuxz3VoTkcArFHVRh8TXEwoHFN3NYkxVBe1lxfeHyp+8W+s3iRFt8aPNwCTLdliVRT4QvzUI/vO+fsEv3oiWyVwfK7Q==',
      'paypal-cert-url': 'https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77',
      'paypal-auth-algo': 'SHA256withRSA',
    },
    body: '{"id":"WH-2WR32451HC0233532-67976317FL4543714","event_version":"1.0","create_time":"2026-10-31T23:59:57.000Z","resource_type":"capture","event_type":"PAYMENT.CAPTURE.COMPLETED","summary":"Payment completed for € 31.00","resource":{"id":"42311647XV020574X","status":"COMPLETED","amount":{"currency_code":"EUR","value":"31.00"}}}',
    becomes: { kind: 'rejected' },
  },
  {
    what: 'a certificate that lies somewhere else',
    vector: 'own',
    secret: null,
    options: { webhookId: '4JH86294D6297924G' },

    headers: {
      'content-type': 'application/json',
      'paypal-transmission-id': '69cd13f0-d67a-11e5-baa3-778b53f4ae55',
      'paypal-transmission-time': '2026-10-31T23:59:58Z',
      'paypal-transmission-sig':
        'QB1v3ewvFSRAivy1ImSnGX0qD1t8BMK6eHnpIhkGWN3dTstC8Fdvvai6uLt0sMmNZ8LT6EU5jxY+od7bg9riUsjOLNbw8F/XOaynOPEfhGBjN/JfPGFNDMqTghYxhKn+FY61U+OUXGea1440IxK2/L9tgpmb/jGuiAt4Dtzh4GepTxFKGxyav3ox9nSWH98fUEFnrz2VK5dSm7u1ZWrBRZEkalRpepc1ZdQ7mlPf91iKpmf5dybzZcWhRmNDuxz3VoTkcArFHVRh8TXEwoHFN3NYkxVBe1lxfeHyp+8W+s3iRFt8aPNwCTLdliVRT4QvzUI/vO+fsEv3oiWyVwfK7Q==',
      'paypal-cert-url': 'https://api.paypal.com.example.org/v1/notifications/certs/CERT-1',
      'paypal-auth-algo': 'SHA256withRSA',
    },
    body: '{"id":"WH-2WR32451HC0233532-67976317FL4543714","event_version":"1.0","create_time":"2026-10-31T23:59:57.000Z","resource_type":"capture","event_type":"PAYMENT.CAPTURE.COMPLETED","summary":"Payment completed for € 30.00","resource":{"id":"42311647XV020574X","status":"COMPLETED","amount":{"currency_code":"EUR","value":"30.00"}}}',
    becomes: { kind: 'rejected' },
  },
];
