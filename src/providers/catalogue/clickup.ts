import { type Description } from './description.ts';

export const clickup: Description = {
  id: 'clickup',
  name: 'ClickUp',
  docs: 'https://developer.clickup.com/docs/webhooksignature',
  setup: 'POST to /team/{id}/webhook with the inbound URL as endpoint. The secret is in the answer.',
  secret: {
    from: 'provider',
    label: 'Secret',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: 'x-signature',
          encoding: 'hex',
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: '{/event}',
      entity: [
        'task{/event|before-first:task}',
        'keyResult{/event|before-first:keyResult}',
        'list{/event|before-first:list}',
        'folder{/event|before-first:folder}',
        'space{/event|before-first:space}',
        'goal{/event|before-first:goal}',
      ],
      action: [
        '{/event|after-first:task}',
        '{/event|after-first:keyResult}',
        '{/event|after-first:list}',
        '{/event|after-first:folder}',
        '{/event|after-first:space}',
        '{/event|after-first:goal}',
      ],
      entityId: ['{/task_id}', '{/key_result_id}', '{/list_id}', '{/folder_id}', '{/space_id}', '{/goal_id}'],
      // Without a history two changes of one thing are the same bytes.
      id: ['{/history_items/0/id}', null],
      account: '{/webhook_id}',
    },
  },
};
