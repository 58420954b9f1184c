import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'two events of a message',
    vector: 'own',
    secret:
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9jzavvw/ZTTT8rg7R9+9TG84faiuryC9661unB1ETzHVGdywcxKasEBbH23aYpU1d7oEbVVrDjMwgjFON3Sb6Q==',
    headers: {
      'content-type': 'application/json',
      'x-twilio-email-event-webhook-timestamp': '1793491200',
      'x-twilio-email-event-webhook-signature':
        'MEUCIDZTBGn6R24mTGGcLo5j8e2QTjAFJoTx9kkY+8oPKoCbAiEAn7P0kBfxaJBtpkUBH23Ng32uAKg2qtwgu9wJN2SI2sc=',
    },
    body: '[{"email":"ada@example.com","timestamp":1793491198,"event":"delivered","sg_event_id":"ZGVsaXZlcmVkLTA","sg_message_id":"14c5d75ce93.dfd.64b469.filter0001","response":"250 OK"},{"email":"ada@example.com","timestamp":1793491199,"event":"open","sg_event_id":"b3Blbi0w","sg_message_id":"14c5d75ce93.dfd.64b469.filter0001"}]\r\n',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'sendgrid.message.delivered',
          subject: 'message/14c5d75ce93.dfd.64b469.filter0001',
          id: 'ZGVsaXZlcmVkLTA',
          time: '2026-10-31T23:59:58.000Z',
        },
        {
          type: 'sendgrid.message.open',
          subject: 'message/14c5d75ce93.dfd.64b469.filter0001',
        },
      ],
    },
  },
];
