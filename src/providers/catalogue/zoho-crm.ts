import { type Description } from './description.ts';

export const zohoCrm: Description = {
  id: 'zoho-crm',
  name: 'Zoho CRM',
  docs: 'https://www.zoho.com/crm/developer/docs/api/v8/notifications/overview.html',
  setup:
    'Call the notification API (POST /crm/v8/actions/watch) with the inbound URL as notify_url and the secret as token, at most 50 characters. A channel ends at its channel_expiry unless it is renewed.',
  secret: {
    from: 'relay',
    label: 'token of the channel',
  },
  recipe: {
    verify: [
      {
        scheme: 'token',
        signature: {
          body: '/token',
        },
      },
    ],
    event: {
      name: '{/module}.{/operation}',
      entityId: '{/ids/0}',
      time: '{/server_time|ms}',
      account: '{/channel_id}',
    },
  },
};
