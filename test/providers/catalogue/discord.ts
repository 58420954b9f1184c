import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'the PING of a published vector',
    vector: 'https://github.com/webhook-co/webhook',
    secret: '79b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664',
    at: 1610000000,
    headers: {
      'content-type': 'application/json',
      'x-signature-timestamp': '1610000000',
      'x-signature-ed25519':
        '50db4086e890c41c26b539f0dd95af18b4d8b03d2f4203964d238b4946943ee2cc6fd52c47ddb355d267086a8c4e299d1054d3d655dba6e0f237a779f634800d',
    },
    body: '{"type":1}',
    becomes: {
      kind: 'handshake',
      body: '{"type":1}',
    },
  },
  {
    what: 'a command',
    vector: 'own',
    secret: 'a6fbf9fc39e1cd92a49b2e6860095d34a9047319ddd56904792e428da60f901b',
    headers: {
      'content-type': 'application/json',
      'x-signature-timestamp': '1793491200',
      'x-signature-ed25519':
        '835ddf5bd86145b7a28cb8d78571aa85ff6993a33c5a88a4087ccf2acffb83a7e70045e3702db0cbfeabc8730e0275882f9390096915ce4e35156b738292e00f',
    },
    body: '{"id":"786008729715212338","application_id":"775799577604522054","type":2,"token":"A_UNIQUE_TOKEN","guild_id":"290926798626357999","channel_id":"645027906669510667","data":{"id":"771825006014889984","name":"ask"}}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'discord.interaction.command',
          subject: 'interaction/645027906669510667',
          id: '786008729715212338',
          account: '775799577604522054',
        },
      ],
    },
  },
  {
    what: 'a PING that is not signed',
    vector: 'none',
    secret: 'a6fbf9fc39e1cd92a49b2e6860095d34a9047319ddd56904792e428da60f901b',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"type":1}',
    becomes: {
      kind: 'rejected',
    },
  },
];
