import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new contact',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-posthorn-token': 'p1-secret-of-a-sample',
    },
    body: '{"BusinessUnitId":"e2b9dd65-f6a7-ef11-b8e8-000d3a000001","CorrelationId":"9f2c0f0e-f6a7-ef11-b8e8-000d3a000002","Depth":1,"InitiatingUserId":"75df116d-f6a7-ef11-b8e8-000d3a000003","MessageName":"Create","OperationCreatedOn":"\\/Date(1793491198000)\\/","OperationId":"4af10637-f6a7-ef11-b8e8-000d3a000004","OrganizationName":"org26bfc931","PrimaryEntityId":"c6c1b5f9-f6a7-ef11-b8e8-000d3a000005","PrimaryEntityName":"contact","Stage":40}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'dataverse.contact.created',
          subject: 'contact/c6c1b5f9-f6a7-ef11-b8e8-000d3a000005',
          account: 'org26bfc931',
          source: '/dataverse/org26bfc931',
        },
      ],
    },
  },
  {
    what: 'the same without the header',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"BusinessUnitId":"e2b9dd65-f6a7-ef11-b8e8-000d3a000001","CorrelationId":"9f2c0f0e-f6a7-ef11-b8e8-000d3a000002","Depth":1,"InitiatingUserId":"75df116d-f6a7-ef11-b8e8-000d3a000003","MessageName":"Create","OperationCreatedOn":"\\/Date(1793491198000)\\/","OperationId":"4af10637-f6a7-ef11-b8e8-000d3a000004","OrganizationName":"org26bfc931","PrimaryEntityId":"c6c1b5f9-f6a7-ef11-b8e8-000d3a000005","PrimaryEntityName":"contact","Stage":40}',
    becomes: {
      kind: 'rejected',
    },
  },
];
