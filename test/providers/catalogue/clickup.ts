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
];
