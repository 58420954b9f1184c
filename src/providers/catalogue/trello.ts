import { type Description } from './description.ts';

export const trello: Description = {
  id: 'trello',
  name: 'Trello',
  docs: 'https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/',
  setup:
    'POST to /1/webhooks with the inbound URL as callbackURL. The secret is that of the API key’s Power-Up.',
  secret: {
    from: 'provider',
    label: 'API secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha1',
        signature: {
          header: 'x-trello-webhook',
          encoding: 'base64',
        },
        message: ['{body}', '{url}'],
      },
    ],
    event: {
      name: '{/action/type}',
      id: '{/action/id}',
      entityId: ['{/action/data/card/id}', '{/action/data/board/id}'],
      time: '{/action/date}',
      account: '{/model/id}',
      actor: '{/action/idMemberCreator}',
    },
  },
};
