import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'an answer',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'typeform-signature': 'sha256=7SA5szFI6KFWU+kXsKFzsxFntH6pW+6Qk/MXnmfa+zo=',
    },
    body: '{"event_id":"01H7Q5Z0AB","event_type":"form_response","form_response":{"form_id":"lT4Z3j","token":"a3a12ec67a1365927098a606107fac15","submitted_at":"2026-10-31T23:59:58Z","answers":[]}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'typeform.form_response.received',
          subject: 'form_response/lT4Z3j',
          id: '01H7Q5Z0AB',
          time: '2026-10-31T23:59:58Z',
        },
      ],
    },
  },
];
