import { type Description } from './description.ts';

export const dataverse: Description = {
  id: 'dataverse',
  name: 'Microsoft Dataverse and Dynamics 365',
  docs: 'https://learn.microsoft.com/power-apps/developer/data-platform/use-webhooks',
  setup:
    'Plug-in Registration Tool, Register New Web Hook: the inbound URL is the endpoint URL, the authentication HttpHeader with the header’s name and the secret. Then register a step for each message.',
  secret: {
    from: 'relay',
    label: 'Value of the HttpHeader',
  },
  options: {
    header: {
      label: 'Name of the HttpHeader',
      default: 'x-posthorn-token',
    },
  },
  recipe: {
    verify: [
      {
        scheme: 'token',
        signature: {
          header: '{option:header}',
        },
      },
    ],
    event: {
      name: '{/PrimaryEntityName}.{/MessageName}',
      entity: '{/PrimaryEntityName}',
      action: '{/MessageName}',
      entityId: '{/PrimaryEntityId}',
      account: '{/OrganizationName}',
      actor: '{/InitiatingUserId}',
    },
  },
};
