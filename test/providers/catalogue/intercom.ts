import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a new user',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-hub-signature': 'sha1=8f8e30307e7ce424622cdd559b934650c8b6f17d',
    },
    body: '{"type":"notification_event","app_id":"a86dr8yl","data":{"type":"notification_event_data","item":{"type":"contact","id":"6762f0dd1bb69f9f2193bb83","email":"ada@example.com"}},"links":{},"id":"notif_00000001","topic":"contact.user.created","delivery_status":"pending","delivery_attempts":1,"delivered_at":0,"first_sent_at":1793491199,"created_at":1793491198,"self":null}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'intercom.contact.user.created',
          subject: 'contact.user/6762f0dd1bb69f9f2193bb83',
          id: 'notif_00000001',
          account: 'a86dr8yl',
        },
      ],
    },
  },
  {
    what: 'a ping',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-hub-signature': 'sha1=2c71b9a42956846551b03087edd6c810cfda3eda',
    },
    body: '{"type":"notification_event","app_id":"a86dr8yl","data":{"type":"notification_event_data","item":{"type":"ping","message":"something something interzen"}},"id":null,"topic":"ping","created_at":1793491198}',
    becomes: {
      kind: 'test',
    },
  },
];
