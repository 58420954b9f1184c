import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a changed deal',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    options: {
      username: 'relay',
    },
    headers: {
      'content-type': 'application/json',
      authorization: 'Basic cmVsYXk6cDEtc2VjcmV0LW9mLWEtc2FtcGxl',
    },
    body: '{"data":{"id":77,"title":"Brass order","value":1200.0,"status":"open"},"previous":{"value":1000.0},"meta":{"action":"change","entity":"deal","entity_id":"77","id":"8f5d2c1e-3a11-4c7e-9a5c-000000000001","company_id":"42","user_id":"7","timestamp":"2026-10-31T23:59:58.123Z","version":"2.0","attempt":1}}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'pipedrive.deal.updated',
          subject: 'deal/77',
          id: '8f5d2c1e-3a11-4c7e-9a5c-000000000001',
          time: '2026-10-31T23:59:58.123Z',
          account: '42',
          source: '/pipedrive/42',
        },
      ],
    },
  },
  {
    what: 'the same with another password',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    options: {
      username: 'relay',
    },
    headers: {
      'content-type': 'application/json',
      authorization: 'Basic cmVsYXk6d3Jvbmc=',
    },
    body: '{"data":{"id":77,"title":"Brass order","value":1200.0,"status":"open"},"previous":{"value":1000.0},"meta":{"action":"change","entity":"deal","entity_id":"77","id":"8f5d2c1e-3a11-4c7e-9a5c-000000000001","company_id":"42","user_id":"7","timestamp":"2026-10-31T23:59:58.123Z","version":"2.0","attempt":1}}',
    becomes: {
      kind: 'rejected',
    },
  },
];
