import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new message',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"value":[{"subscriptionId":"7f105c7d-2dc5-4530-97cd-4e7ae6534c07","subscriptionExpirationDateTime":"2026-11-03T00:00:00Z","changeType":"created","resource":"Users/ddfcd489-628b-40d7-b48b-57002df800e5/Messages/AAMkADk1","clientState":"p1-secret-of-a-sample","tenantId":"84bd8158-6d4d-4958-8b9f-9d6445542f95","resourceData":{"@odata.type":"#Microsoft.Graph.Message","@odata.id":"Users/ddfcd489/Messages/AAMkADk1","id":"AAMkADk1"}}]}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'microsoft-graph.message.created',
          subject: 'message/AAMkADk1',
          account: '84bd8158-6d4d-4958-8b9f-9d6445542f95',
        },
      ],
    },
  },
  {
    what: 'the creation of a subscription',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    url: 'https://relay.example.com/in/token?validationToken=token-2',
    headers: {},
    body: '',
    becomes: {
      kind: 'handshake',
      body: 'token-2',
    },
  },
  {
    what: 'a notification that has an ID',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"value":[{"id":"lsgTZMr9KwAAA","subscriptionId":"7f105c7d-2dc5-4530-97cd-4e7ae6534c07","subscriptionExpirationDateTime":"2026-11-03T00:00:00Z","changeType":"updated","resource":"Users/ddfcd489-628b-40d7-b48b-57002df800e5/Messages/AAMkADk1","clientState":"p1-secret-of-a-sample","tenantId":"84bd8158-6d4d-4958-8b9f-9d6445542f95","resourceData":{"@odata.type":"#Microsoft.Graph.Message","id":"AAMkADk1"}}]}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [{ type: 'microsoft-graph.message.updated', subject: 'message/AAMkADk1', id: 'lsgTZMr9KwAAA' }],
    },
  },
];
