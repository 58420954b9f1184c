/** What a tenant's key may do. The operator's admin key stands above all of them. */
export const ROLES = ['admin', 'subscriber', 'publisher', 'viewer'] as const;

/**
 * admin: everything of the tenant · subscriber: hooks made with this very key, in any API ·
 * publisher: publishes own events · viewer: reads, but no secret.
 */
export type Role = (typeof ROLES)[number];
