import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a received message',
    vector: 'own',
    secret: 'e0czfzyCe4uREbvYZCLA6kbLf8x2mpdYhFZ738iGviw=',
    headers: {
      'content-type': 'application/json',
      'telnyx-timestamp': '1793491200',
      'telnyx-signature-ed25519':
        'KDVlvrfRWqgzryUXZ4WbNaSekPnhFdfug91F9Vc5WmIp51rDVCpJbXDFVcQ10AauZ7rlPud8uix26WusLDnpCw==',
    },
    body: '{"data":{"event_type":"message.received","id":"b301ed3f","occurred_at":"2026-10-31T23:59:58.123+00:00","payload":{"id":"84cca175"},"record_type":"event"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'telnyx.message.received',
          subject: 'message/84cca175',
          id: 'b301ed3f',
        },
      ],
    },
  },
];
