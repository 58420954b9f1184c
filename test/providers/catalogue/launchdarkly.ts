import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a changed flag',
    vector: 'own',
    secret: 'p2-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-ld-signature': 'a334c0b5a23a2cda80987b9ce7973375106041379fd1de70f458c7b75163523b',
    },
    body: '{"_id":"5d1","_accountId":"5c2","date":1793491198123,"accesses":[{"action":"updateOn","resource":"proj/a:env/b:flag/c"}],"kind":"flag","name":"c","titleVerb":"turned on the flag","target":{"_links":{"self":{"href":"/api/v2/flags/a/c"}}}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'launchdarkly.flag.updateon',
          subject: 'flag/c',
          id: '5d1',
          account: '5c2',
          time: '2026-10-31T23:59:58.123Z',
        },
      ],
    },
  },
];
