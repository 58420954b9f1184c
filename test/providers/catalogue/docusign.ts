import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a completed envelope, signed with two keys',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-docusign-signature-1': 'h+UVAILF0rP4k4wHuI2XMhN4A8rFS8OCqAOHT+mIBBI=',
      'x-docusign-signature-2': 'tgpeq4OO2BwHlDyaifFa+NamNg8HgSCbpxoubCNRzys=',
    },
    body: '{"event":"envelope-completed","apiVersion":"v2.1","retryCount":0,"configurationId":10418598,"generatedDateTime":"2026-10-31T23:59:58.0270000Z","data":{"accountId":"18b4799a","userId":"8d9e","envelopeId":"25a1b0d5-0001"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'docusign.envelope.completed',
          subject: 'envelope/25a1b0d5-0001',
          account: '18b4799a',
          time: '2026-10-31T23:59:58.0270000Z',
        },
      ],
    },
  },
];
