import { STANDARD_WEBHOOKS } from '../recipe/known-signatures.ts';
import { type Description } from './description.ts';

export const gitlab: Description = {
  id: 'gitlab',
  name: 'GitLab',
  docs: 'https://docs.gitlab.com/user/project/integrations/webhooks/',
  setup:
    'Settings of the project or group, Webhooks, Add new webhook: the inbound URL; enter the secret as signing token, or where there is no such field as secret token.',
  secret: {
    from: 'relay',
    label: 'Signing token or secret token',
  },
  recipe: {
    verify: [
      STANDARD_WEBHOOKS,
      {
        scheme: 'token',
        signature: {
          header: 'x-gitlab-token',
        },
      },
    ],
    event: {
      name: '{header:x-gitlab-event}',
      entity: ['{/object_kind}', '{/event_name}'],
      action: '{/object_attributes/action}',
      // The UUID of the event is that of all webhooks that one set off in turn.
      id: ['{header:idempotency-key}', '{header:x-gitlab-webhook-uuid}', '{header:x-gitlab-event-uuid}'],
      entityId: ['{/object_attributes/id}', '{/project/id}', '{/project_id}'],
      account: '{/project/path_with_namespace}',
      actor: ['{/user/username}', '{/user_username}'],
    },
  },
};
