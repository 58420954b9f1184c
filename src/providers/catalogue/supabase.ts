import { STANDARD_WEBHOOKS } from '../recipe/known-signatures.ts';
import { type Description } from './description.ts';

export const supabase: Description = {
  id: 'supabase',
  name: 'Supabase auth hooks',
  docs: 'https://supabase.com/docs/guides/auth/auth-hooks',
  setup:
    'Authentication, Hooks, Add hook, HTTPS: the inbound URL. Enter the generated secret as it stands, v1,whsec_ and all.',
  secret: {
    from: 'provider',
    label: 'Signing secret',
  },
  recipe: {
    verify: [STANDARD_WEBHOOKS],
    event: {
      name: ['{/email_data/email_action_type}', '{/metadata/name}', '{/type}', 'auth'],
      id: '{header:webhook-id}',
      entityId: ['{/user/id}', '{/user_id}'],
    },
    answer: {
      body: '{}',
      contentType: 'application/json',
    },
  },
};
