import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a triggered incident',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-pagerduty-signature':
        'v1=0000000000000000000000000000000000000000000000000000000000000000,v1=ee200d69e2b19a94d101ff943b735b527caa39382053ac8ae3f5607295c75baf',
    },
    body: '{"event":{"id":"5ac64822-4adc-4fda-ade0-410becf0de4f","event_type":"incident.triggered","resource_type":"incident","occurred_at":"2026-10-31T23:59:58.123Z","data":{"id":"PGR0VU2","type":"incident","service":{"id":"PF9KMXH"}}}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'pagerduty.incident.triggered',
          subject: 'incident/PGR0VU2',
          id: '5ac64822-4adc-4fda-ade0-410becf0de4f',
          account: 'PF9KMXH',
        },
      ],
    },
  },
  {
    what: 'a note, which is about its incident',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-pagerduty-signature': 'v1=f6de3499f09c0bbcae8b610d1cbb14c197709aa7261e4e1fe3d65e8ddc2aca24',
    },
    body: '{"event":{"id":"01BRB6ZP4M6T8ZG4X6BP63ZB9O","event_type":"incident.annotated","resource_type":"incident","occurred_at":"2026-10-31T23:59:58.123Z","data":{"incident":{"id":"PGR0VU2","type":"incident_reference"},"id":"P2LA89X","content":"Better","trimmed":false,"type":"incident_note"}}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [{ type: 'pagerduty.incident.annotated', subject: 'incident/PGR0VU2' }],
    },
  },
];
