import { type Sample } from './sample.ts';

const SECRET = 'a-signing-secret-of-the-app';
const BODY =
  '{"event":{"userId":9603417,"originalTriggerUuid":null,"boardId":1771812698,"pulseId":1772099344,"pulseName":"Create_item webhook","groupId":"topics","columnValues":{},"app":"monday","type":"create_pulse","triggerTime":"2026-10-31T23:59:58.461Z","subscriptionId":73759690,"triggerUuid":"b5ed2e17c530f43668de130142445cba"}}';

export const samples: readonly Sample[] = [
  {
    what: 'a created item, with a token of the app',
    vector: 'own',
    secret: SECRET,
    headers: {
      'content-type': 'application/json',
      authorization:
        'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhY2NvdW50SWQiOjE4MjU1MjksInVzZXJJZCI6OTYwMzQxNywiZXhwIjo0MTAyNDQ0ODAwLCJpYXQiOjE3OTM0OTEyMDB9.FaiKCfHHOxuQCJIxgSk5kAqeRrItqorAbkziqw96u8Y',
    },
    body: BODY,
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'monday.create_pulse.received',
          subject: 'create_pulse/1772099344',
          id: 'b5ed2e17c530f43668de130142445cba',
          source: '/monday/1771812698',
          time: '2026-10-31T23:59:58.461Z',
          event: 'create_pulse',
        },
      ],
    },
  },
  {
    what: 'the same without a token',
    vector: 'none',
    secret: SECRET,
    headers: { 'content-type': 'application/json' },
    body: BODY,
    becomes: { kind: 'rejected' },
  },
  {
    what: 'the challenge of a new webhook',
    vector: 'none',
    secret: SECRET,
    headers: { 'content-type': 'application/json' },
    body: '{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}',
    becomes: {
      kind: 'handshake',
      body: '{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}',
    },
  },
];
