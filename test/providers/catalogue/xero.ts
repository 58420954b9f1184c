import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'two events',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-xero-signature': 'Z0T8WjIoX8gDgL4W81+4gBeT5zXP4zkOufcxAPfxsgU=',
    },
    body: '{"events":[{"resourceUrl":"https://api.xero.com/api.xro/2.0/Invoices/44aa0707-f718-4f1c-8d53-f2da9ca59533","resourceId":"44aa0707-f718-4f1c-8d53-f2da9ca59533","eventDateUtc":"2026-10-31T23:59:58.123","eventType":"UPDATE","eventCategory":"INVOICE","tenantId":"e629a03c-7ffe-4913-bbf2-ff2fdb9a7f05","tenantType":"ORGANISATION"},{"resourceUrl":"https://api.xero.com/api.xro/2.0/Contacts/717f2bfc-c6d4-41fd-b238-3f2f0c0cf777","resourceId":"717f2bfc-c6d4-41fd-b238-3f2f0c0cf777","eventDateUtc":"2026-10-31T23:59:58.456","eventType":"CREATE","eventCategory":"CONTACT","tenantId":"e629a03c-7ffe-4913-bbf2-ff2fdb9a7f05","tenantType":"ORGANISATION"}],"firstEventSequence":7,"lastEventSequence":8,"entropy":"S0m3r4Nd0mt3xt"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'xero.invoice.updated',
          subject: 'invoice/44aa0707-f718-4f1c-8d53-f2da9ca59533',
          account: 'e629a03c-7ffe-4913-bbf2-ff2fdb9a7f05',
          event: 'INVOICE/UPDATE',
          time: '2026-10-31T23:59:58.123Z',
        },
        {
          type: 'xero.contact.created',
          subject: 'contact/717f2bfc-c6d4-41fd-b238-3f2f0c0cf777',
        },
      ],
    },
  },
  {
    what: 'intent to receive',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-xero-signature': 'tekueEF8E3+nuE4nOMgfv+RUFuoGpyPsv8n3JNFRNe0=',
    },
    body: '{"events":[],"lastEventSequence":0,"firstEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [],
    },
  },
  {
    what: 'intent to receive with a wrong signature',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-xero-signature': '7Wa4c0etPddm5OVYMSCbbuaeDMvH7AZxMD8Uxoa3V5k=',
    },
    body: '{"events":[],"lastEventSequence":0,"firstEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}',
    becomes: {
      kind: 'rejected',
    },
  },
];
