import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new lead',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"server_time":1793491198123,"query_params":{},"module":"Leads","resource_uri":"https://www.zohoapis.com/crm/v8/Leads","ids":["4876876000000624001"],"affected_fields":[],"operation":"insert","channel_id":"1000000068001","token":"p1-secret-of-a-sample"}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'zoho-crm.leads.created',
          subject: 'leads/4876876000000624001',
          time: '2026-10-31T23:59:58.123Z',
        },
      ],
    },
  },
  {
    what: 'the same with another token',
    vector: 'none',
    secret: 'another-secret-of-it',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"server_time":1793491198123,"query_params":{},"module":"Leads","resource_uri":"https://www.zohoapis.com/crm/v8/Leads","ids":["4876876000000624001"],"affected_fields":[],"operation":"insert","channel_id":"1000000068001","token":"p1-secret-of-a-sample"}',
    becomes: {
      kind: 'rejected',
    },
  },
];
