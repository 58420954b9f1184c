import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a changed task',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-hook-signature': '7f54ca24dfd14a9aed8be6f936f0ff4b561f44f91f9d013b9b5d33edfacba13f',
    },
    body: '{"events":[{"user":{"gid":"1111","resource_type":"user"},"created_at":"2026-10-31T23:59:58.123Z","action":"changed","resource":{"gid":"1337","resource_type":"task"},"parent":null,"change":{"field":"name","action":"changed"}}]}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'asana.task.updated',
          subject: 'task/1337',
          time: '2026-10-31T23:59:58.123Z',
        },
      ],
    },
  },
  {
    what: 'a heartbeat',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-hook-signature': '81025b1b0e4eac815fa19de76ebcc74cd859c0179beaa38ac8aa0a855613658b',
    },
    body: '{"events":[]}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [],
    },
  },
  {
    what: 'the handshake',
    vector: 'none',
    secret: null,
    headers: {
      'x-hook-secret': 'b537207f20cbfa02357cf448134da559',
    },
    body: '',
    becomes: {
      kind: 'handshake',
      body: '',
      headers: {
        'x-hook-secret': 'b537207f20cbfa02357cf448134da559',
      },
      secret: 'b537207f20cbfa02357cf448134da559',
    },
  },
];
