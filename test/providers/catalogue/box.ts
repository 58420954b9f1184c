import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'an uploaded file',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'box-delivery-timestamp': '2026-11-01T00:00:00Z',
      'box-signature-primary': 'bab7Tn5U1Zkl2UXdXwajpP0G4TblpMxgfvfAdzV9PDE=',
      'box-signature-secondary': 'Ko9XbKIeb/1jHB8vAl3LOgduvYzmINrOK+FEFxH4lwA=',
    },
    body: '{"type":"webhook_event","id":"0f96c8a2-a8d9-4f8c-9f8c-0001","created_at":"2026-10-31T15:59:58-08:00","trigger":"FILE.UPLOADED","source":{"id":"73835521473","type":"file"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'box.file.uploaded',
          subject: 'file/73835521473',
          id: '0f96c8a2-a8d9-4f8c-9f8c-0001',
          time: '2026-10-31T15:59:58-08:00',
        },
      ],
    },
  },
];
