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
  {
    what: 'two CloudEvents of two companies',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'intuit-signature': 'wh38cQagBEwzSApMuHTls+2wt3fF+KmPNs36xGEMb1s=',
    },
    body: '[{"specversion":"1.0","id":"88cd52aa-33b6-4351-9aa4-47572edbd068-Customer-123","source":"intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=","type":"qbo.customer.merged.v1","datacontenttype":"application/json","time":"2026-10-31T23:59:58Z","intuitentityid":"123","intuitaccountid":"9341455600000001","data":{"deletedid":"27"}},{"specversion":"1.0","id":"88cd52aa-33b6-4351-9aa4-47572edbd069-SalesReceipt-150","source":"intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=","type":"qbo.salesreceipt.updated.v1","time":"2026-10-31T23:59:58.25Z","intuitentityid":"150","intuitaccountid":"9341455600000002"}]',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'quickbooks.customer.merged',
          subject: 'customer/123',
          id: '88cd52aa-33b6-4351-9aa4-47572edbd068-Customer-123',
          event: 'qbo.customer.merged.v1',
          account: '9341455600000001',
          time: '2026-10-31T23:59:58Z',
        },
        {
          type: 'quickbooks.salesreceipt.updated',
          subject: 'salesreceipt/150',
          id: '88cd52aa-33b6-4351-9aa4-47572edbd069-SalesReceipt-150',
          account: '9341455600000002',
          time: '2026-10-31T23:59:58.25Z',
        },
      ],
    },
  },
];
