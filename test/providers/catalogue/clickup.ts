import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a changed task',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-signature': '9700661a9b664888f10b7433de297d23ced8bb4dd252d2ce1a10138d2b9c2a48',
    },
    body: '{"event":"taskUpdated","task_id":"1vj37mc","history_items":[{"id":"2800763136717140857","field":"status"}],"webhook_id":"7fa3ec74"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'clickup.task.updated',
          subject: 'task/1vj37mc',
          id: '2800763136717140857',
        },
      ],
    },
  },
  {
    what: 'a changed folder, which has no history',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-signature': 'c8872a92f4774303291eb1c456617e92b1584d20330cd50f1791198a24da3cff',
    },
    body: '{"event":"folderUpdated","folder_id":"96772212","webhook_id":"7fa3ec74"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [{ type: 'clickup.folder.updated', subject: 'folder/96772212', event: 'folderUpdated' }],
    },
  },
  {
    what: 'a new target of a goal',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-signature': '8d9d99230792a08e23127623358a06dead4cf9db731bf8eeeba59d363c5eb867',
    },
    body: '{"event":"keyResultCreated","goal_id":"a23e5a3d","key_result_id":"47608e42","webhook_id":"7fa3ec74"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [{ type: 'clickup.keyresult.created', subject: 'keyresult/47608e42' }],
    },
  },
  {
    what: 'a task with another status',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-signature': '08d10062e1c4584ecbc27f2b9762ce45054d42a245a03f6ee64ac791d7c2c632',
    },
    body: '{"event":"taskStatusUpdated","task_id":"1vj37mc","history_items":[{"id":"2800787326392370170","field":"status"}],"webhook_id":"7fa3ec74"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [{ type: 'clickup.task.statusupdated', subject: 'task/1vj37mc', id: '2800787326392370170' }],
    },
  },
];
