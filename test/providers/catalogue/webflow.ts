import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a submitted form',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-webflow-timestamp': '1793491200000',
      'x-webflow-signature': '23a27e6eea10fe89deb93be02aeafc1347c76cfde5822dfe63ed7bb27c7fb631',
    },
    body: '{"triggerType":"form_submission","payload":{"name":"Contact","siteId":"65427cf400e02b306eaa049c","id":"6321ca84df3949bfc6752327"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'webflow.form.submission',
          subject: 'form/6321ca84df3949bfc6752327',
          account: '65427cf400e02b306eaa049c',
        },
      ],
    },
  },
];
