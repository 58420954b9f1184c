/** What a key may do: a page shows no button that its key may not press. */
import type { Role } from '../relay/answers.ts';

const ROLES = {
  /** Stats, sources, events, keys: what a tenant has. */
  readTenant: ['operator', 'admin', 'viewer'],
  readHooks: ['operator', 'admin', 'viewer', 'subscriber'],
  /** Hooks, their deliveries and replays; a subscriber’s are those made with its key. */
  changeHooks: ['operator', 'admin', 'subscriber'],
  /** Sources, keys, payloads; trying out filters and templates. */
  changeTenant: ['operator', 'admin'],
  publish: ['operator', 'admin', 'publisher'],
  operate: ['operator'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;

export type Permission = keyof typeof ROLES;

export function may(role: Role, permission: Permission): boolean {
  const roles: readonly Role[] = ROLES[permission];
  return roles.includes(role);
}

export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  operator: 'the admin key: every tenant, and the switches',
  admin: 'everything in this tenant',
  subscriber: 'hooks made with this key, and their deliveries',
  publisher: 'publishes events, and nothing else',
  viewer: 'reads everything but secrets, and changes nothing',
};
