import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'three events of two companies',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'intuit-signature': 'LlzUvMPk+zoq0LKtH0MzK2nFq+ogQD/wPZ4vSVT3Ch4=',
    },
    body: '{"eventNotifications":[{"realmId":"1185883450","dataChangeEvent":{"entities":[{"name":"Customer","id":"1","operation":"Create","lastUpdated":"2026-10-31T23:59:58.000Z"},{"name":"Vendor","id":"2","operation":"Update","lastUpdated":"2026-10-31T23:59:58.000Z"}]}},{"realmId":"1185883451","dataChangeEvent":{"entities":[{"name":"Invoice","id":"3","operation":"Void","lastUpdated":"2026-10-31T23:59:58.000Z"}]}}]}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'quickbooks.customer.created',
          subject: 'customer/1',
          account: '1185883450',
          time: '2026-10-31T23:59:58.000Z',
        },
        {
          type: 'quickbooks.vendor.updated',
          subject: 'vendor/2',
          account: '1185883450',
        },
        {
          type: 'quickbooks.invoice.void',
          subject: 'invoice/3',
          account: '1185883451',
        },
      ],
    },
  },
];
