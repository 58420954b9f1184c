import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new sales order',
    vector: 'own',
    secret: 'whsec_bmV0c3VpdGUtc2FtcGxlLXNlY3JldC1vZi0zMi1ieXQ=',
    headers: {
      'content-type': 'application/json',
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1793491200',
      'webhook-signature': 'v1,4vJHJztCM797mX0D+BSofzLLavimePtYT2Kb3asAdX8=',
    },
    body: '{"type":"create","record":"salesorder","id":"4711","account":"TSTDRV1","user":"12","at":"2026-10-31T23:59:58Z"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'netsuite.salesorder.created',
          subject: 'salesorder/4711',
          id: 'msg_1',
          time: '2026-10-31T23:59:58Z',
          account: 'TSTDRV1',
        },
      ],
    },
  },
];
