import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'an authorized application',
    vector: 'own',
    secret: 'a6fbf9fc39e1cd92a49b2e6860095d34a9047319ddd56904792e428da60f901b',
    headers: {
      'content-type': 'application/json',
      'x-signature-timestamp': '1793491200',
      'x-signature-ed25519':
        '4a58d116082172c9cb719065be53ee55c543b52e08e814783f90e2478d3c8b2606c1f99c80fd44fe64c6c13a9a0ee1784b4cda0d879d53337eda4859d37ccd03',
    },
    body: '{"version":1,"application_id":"1234560123453231555","type":1,"event":{"type":"APPLICATION_AUTHORIZED","timestamp":"2026-10-31T23:59:58.213962","data":{"integration_type":1,"user":{"id":"191"}}}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'discord-events.application_authorized.received',
          subject: 'application_authorized/191',
          account: '1234560123453231555',
        },
      ],
    },
  },
  {
    what: 'a PING',
    vector: 'own',
    secret: 'a6fbf9fc39e1cd92a49b2e6860095d34a9047319ddd56904792e428da60f901b',
    headers: {
      'content-type': 'application/json',
      'x-signature-timestamp': '1793491200',
      'x-signature-ed25519':
        '3cdfda9faeb0da041e235b18639ad3a58052203ba1b99aebba0dc867f652f0fdddee322b765dfe4bf61f7dfda30bd934e5af53cfe7fcfa13f308f85adb547c05',
    },
    body: '{"version":1,"application_id":"1234560123453231555","type":0}',
    becomes: {
      kind: 'handshake',
      status: 204,
      body: '',
    },
  },
];
