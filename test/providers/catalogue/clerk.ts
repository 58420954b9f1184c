import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'an event',
    vector: 'own',
    secret: 'whsec_c2FtcGxlLXNlY3JldC1vZi1leGFjdGx5LTMyLWJ5dGU=',
    headers: {
      'content-type': 'application/json',
      'svix-id': 'msg_1',
      'svix-timestamp': '1793491200',
      'svix-signature': 'v1,Xj9CRdMaQLjERZBbWuiER3TLBz9ujrymGWOidXeVtoQ=',
    },
    body: '{"data":{"id":"user_29w83sxmDNGwOuEthce5gg56FcC","object":"user"},"instance_id":"ins_123","object":"event","timestamp":1793491198123,"type":"user.created"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'clerk.user.created',
          subject: 'user/user_29w83sxmDNGwOuEthce5gg56FcC',
          id: 'msg_1',
          account: 'ins_123',
          time: '2026-10-31T23:59:58.123Z',
        },
      ],
    },
  },
  {
    what: 'the same with another body',
    vector: 'own',
    secret: 'whsec_c2FtcGxlLXNlY3JldC1vZi1leGFjdGx5LTMyLWJ5dGU=',
    headers: {
      'content-type': 'application/json',
      'svix-id': 'msg_1',
      'svix-timestamp': '1793491200',
      'svix-signature': 'v1,Xj9CRdMaQLjERZBbWuiER3TLBz9ujrymGWOidXeVtoQ=',
    },
    body: '{"data":{"id":"user_29w83sxmDNGwOuEthce5gg56FcC","object":"user"},"instance_id":"ins_123","object":"event","timestamp":1793491198123,"type":"user.created"} ',
    becomes: {
      kind: 'rejected',
    },
  },
];
