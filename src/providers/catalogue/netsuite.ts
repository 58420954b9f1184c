import { STANDARD_WEBHOOKS } from '../recipe/known-signatures.ts';
import { type Description } from './description.ts';

export const netsuite: Description = {
  id: 'netsuite',
  name: 'Oracle NetSuite',
  docs: 'https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_4506991191.html',
  setup:
    'NetSuite sends no webhooks: a user event script of your own posts record, type, id, account and time, signed with the secret as Standard Webhooks are. The script is in docs/inside/providers.md of Posthorn.',
  secret: {
    from: 'relay',
    label: 'Secret of the script',
  },
  recipe: {
    verify: [STANDARD_WEBHOOKS],
    event: {
      name: '{/record}.{/type}',
      entity: '{/record}',
      action: '{/type}',
      id: '{header:webhook-id}',
      entityId: '{/id}',
      time: '{/at}',
      account: '{/account}',
      actor: '{/user}',
    },
    actions: {
      xedit: 'updated',
    },
  },
};
