import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'two changed items',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"value":[{"subscriptionId":"webhookItems","clientState":"p1-secret-of-a-sample","expirationDateTime":"2026-11-03T00:00:00Z","resource":"https://api.businesscentral.dynamics.com/v2.0/production/api/v2.0/companies(b18aed47-c385-49d2-b954-dbdf8ad71780)/items(26814998-936a-401c-81c1-0e848a64971d)","changeType":"updated","lastModifiedDateTime":"2026-10-31T23:59:58.053Z"},{"subscriptionId":"webhookItems","clientState":"p1-secret-of-a-sample","expirationDateTime":"2026-11-03T00:00:00Z","resource":"https://api.businesscentral.dynamics.com/v2.0/production/api/v2.0/companies(b18aed47-c385-49d2-b954-dbdf8ad71780)/items(26814998-936a-401c-81c1-0e848a64971e)","changeType":"updated","lastModifiedDateTime":"2026-10-31T23:59:58.053Z"}]}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'business-central.items.updated',
          subject: 'items/26814998-936a-401c-81c1-0e848a64971d',
          account: 'b18aed47-c385-49d2-b954-dbdf8ad71780',
          time: '2026-10-31T23:59:58.053Z',
        },
        {
          type: 'business-central.items.updated',
          subject: 'items/26814998-936a-401c-81c1-0e848a64971e',
        },
      ],
    },
  },
  {
    what: 'one of two with another clientState',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"value":[{"subscriptionId":"webhookItems","clientState":"p1-secret-of-a-sample","expirationDateTime":"2026-11-03T00:00:00Z","resource":"https://api.businesscentral.dynamics.com/v2.0/production/api/v2.0/companies(b18aed47-c385-49d2-b954-dbdf8ad71780)/items(a)","changeType":"updated","lastModifiedDateTime":"2026-10-31T23:59:58.053Z"},{"subscriptionId":"webhookItems","clientState":"other","expirationDateTime":"2026-11-03T00:00:00Z","resource":"https://api.businesscentral.dynamics.com/v2.0/production/api/v2.0/companies(b18aed47-c385-49d2-b954-dbdf8ad71780)/items(b)","changeType":"updated","lastModifiedDateTime":"2026-10-31T23:59:58.053Z"}]}',
    becomes: {
      kind: 'rejected',
    },
  },
  {
    what: 'the creation of a subscription',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    url: 'https://relay.example.com/in/token?validationToken=token-1',
    headers: {},
    body: '',
    becomes: {
      kind: 'handshake',
      body: 'token-1',
    },
  },
  {
    what: 'many changes at once, which a filter names',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"value":[{"subscriptionId":"salesInvoice","clientState":"p1-secret-of-a-sample","expirationDateTime":"2026-11-03T00:00:00Z","resource":"/api/v2.0/companies(7dbba574-5f69-4167-a43e-fb975045de15)/salesInvoices?$filter=lastDateTimeModified%20gt%202026-10-31T11:00:00Z","changeType":"collection","lastModifiedDateTime":"2026-10-31T23:59:58.503Z"}]}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'business-central.salesinvoices.collection',
          subject: null,
          account: '7dbba574-5f69-4167-a43e-fb975045de15',
          time: '2026-10-31T23:59:58.503Z',
          event: 'salesInvoices.collection',
        },
      ],
    },
  },
];
