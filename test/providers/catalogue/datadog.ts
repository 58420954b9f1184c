import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a triggered alert',
    vector: 'none',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-posthorn-token': 'p2-secret-of-a-sample',
    },
    body: '{"id":"1234567890","event_type":"metric_alert_monitor","alert_id":"5678","date":"1793491198123","org":{"id":"11023","name":"Example"}}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'datadog.alert.metric_alert_monitor',
          subject: 'alert/5678',
          id: '1234567890',
          account: '11023',
          time: '2026-10-31T23:59:58.123Z',
        },
      ],
    },
  },
  {
    what: 'one without the header',
    vector: 'none',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"id":"1234567890","event_type":"metric_alert_monitor","alert_id":"5678","date":"1793491198123","org":{"id":"11023","name":"Example"}}',
    becomes: {
      kind: 'rejected',
    },
  },
];
