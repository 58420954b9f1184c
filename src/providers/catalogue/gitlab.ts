import { type Description } from './description.ts';

export const gitlab: Description = {
  id: 'gitlab',
  name: 'GitLab',
  docs: 'https://docs.gitlab.com/user/project/integrations/webhooks/',
  setup:
    'Settings of the project or group, Webhooks, Add new webhook: the inbound URL; enter the secret as secret token.',
  secret: {
    from: 'relay',
    label: 'Secret token',
  },
  recipe: {
    verify: [
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
      id: ['{header:idempotency-key}', '{header:x-gitlab-event-uuid}'],
      entityId: ['{/object_attributes/id}', '{/project/id}', '{/project_id}'],
      account: '{/project/path_with_namespace}',
      actor: ['{/user/username}', '{/user_username}'],
    },
  },
};
