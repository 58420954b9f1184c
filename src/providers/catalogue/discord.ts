import { type Description } from './description.ts';

export const discord: Description = {
  id: 'discord',
  name: 'Discord interactions',
  docs: 'https://discord.com/developers/docs/interactions/overview',
  setup:
    'Developer Portal, the application, General Information: the inbound URL is the interactions endpoint URL; the public key is on the same page.',
  secret: {
    from: 'public-key',
    label: 'Public key',
  },
  recipe: {
    verify: [
      {
        scheme: 'ed25519',
        signature: {
          header: 'x-signature-ed25519',
          encoding: 'hex',
        },
        timestamp: {
          header: 'x-signature-timestamp',
          unit: 's',
        },
        message: ['{timestamp}', '{body}'],
      },
    ],
    handshake: [
      {
        when: {
          body: '/type',
          equals: '1',
        },
        signed: true,
        reply: {
          json: {
            type: 1,
          },
        },
      },
    ],
    event: {
      name: 'interaction.{/type}',
      entity: 'interaction',
      action: '{/type}',
      id: '{/id}',
      entityId: '{/channel_id}',
      account: '{/application_id}',
      actor: ['{/member/user/id}', '{/user/id}'],
    },
    actions: {
      '2': 'command',
      '3': 'component',
      '4': 'autocomplete',
      '5': 'modal',
    },
    answer: {
      body: '{"type":5}',
      contentType: 'application/json',
    },
  },
};
