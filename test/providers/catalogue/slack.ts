import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'the request of a published vector',
    vector: 'https://docs.slack.dev/authentication/verifying-requests-from-slack/',
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    at: 1531420618,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    },
    body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'slack.event.received',
        },
      ],
    },
  },
  {
    what: 'a mention',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-slack-request-timestamp': '1793491200',
      'x-slack-signature': 'v0=46da57d619285386241ae76a1e860e881d45536e8d46aacf20d469d45577464d',
    },
    body: '{"token":"z26uFbvR1xHJEdHE1OQiO6t8","team_id":"T123ABC456","api_app_id":"A123ABC456","event":{"type":"app_mention","user":"U123ABC456","text":"What is the hour?","ts":"1793491198.000200","channel":"C123ABC456","event_ts":"1793491198000200"},"type":"event_callback","event_id":"Ev123ABC456","event_time":1793491198}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'slack.app_mention.received',
          subject: 'app_mention/C123ABC456',
          id: 'Ev123ABC456',
          time: '2026-10-31T23:59:58.000Z',
          account: 'T123ABC456',
        },
      ],
    },
  },
  {
    what: 'the check of the URL',
    vector: 'own',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
      'x-slack-request-timestamp': '1793491200',
      'x-slack-signature': 'v0=939ec50ed9c4012b6171a08225c23c7a417ec84835a1936340f537376d69e393',
    },
    body: '{"token":"Jhj5dZrVaK7ZwHHjRyZWjbDl","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}',
    becomes: {
      kind: 'handshake',
      body: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P',
    },
  },
  {
    what: 'the check of the URL, not signed',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"token":"Jhj5dZrVaK7ZwHHjRyZWjbDl","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}',
    becomes: {
      kind: 'rejected',
    },
  },
];
