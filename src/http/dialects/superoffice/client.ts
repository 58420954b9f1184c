/** Who calls in SuperOffice's style: the key out of any of the vendor's three ways to authenticate, and its tenant. */
import type { Context } from 'hono';
import type { Role } from '../../../core/role.ts';
import type { HookScope } from '../../../event-log/hook-scope.ts';
import type { TenantRef } from '../../../registry/address.ts';
import { DEFAULT_TENANT } from '../../../tenants/tenant.ts';
import { hooksOf, identify, isAllowed, type Caller } from '../../auth.ts';
import type { AppEnv } from '../../context.ts';
import { Refusal } from '../../problem.ts';
import { OwnRefusal } from './errors.ts';

export type Ctx = Context<AppEnv>;

export interface Client {
  readonly tenant: TenantRef;
  readonly caller: Caller;
  /** The webhooks it sees. */
  readonly scope: HookScope;
  /** null: the operator's. */
  readonly keyId: string | null;
  /** Path of the webhooks, with the tenant in front if the caller wrote it. */
  readonly collection: string;
}

/** `pathTenant` in lower case; null: the path names none. */
export async function authenticated(c: Ctx, pathTenant: string | null): Promise<Client> {
  const credential = credentialOf(c.req.header('authorization') ?? '');
  if (credential === null) {
    throw new Refusal(
      'unauthorized',
      'Send Authorization: Bearer, SOTicket or Basic with a key of the relay.',
    );
  }
  const asked = pathTenant ?? c.req.header('posthorn-tenant') ?? DEFAULT_TENANT;
  const { tenant, caller } = await identify(c, credential, asked);
  if (pathTenant !== null && pathTenant !== tenant.tenant) {
    throw new OwnRefusal(421, 'Wrong subdomain used to access tenant');
  }
  return {
    tenant,
    caller,
    scope: hooksOf(caller, 'superoffice'),
    keyId: caller.kind === 'key' ? caller.keyId : null,
    collection: `${pathTenant === null ? '' : `/${pathTenant}`}/api/v1/Webhook`,
  };
}

/** What a call does; it says which keys may, besides a tenant's admin keys. */
export type Right = 'read' | 'write' | 'signal' | 'script';

const ROLES: Record<Right, readonly Role[]> = {
  read: ['subscriber', 'viewer'],
  write: ['subscriber'],
  // A signal reaches every hook of the tenant, and a publisher's key is good for POST /v1/events alone.
  signal: [],
  // A script runs with the tenant's own credentials.
  script: [],
};

export function checkRight({ caller }: Client, right: Right): void {
  if (!isAllowed(caller, ROLES[right])) throw new Refusal('forbidden', 'This key may not do that.');
}

/** The key out of `Bearer key`, `SOTicket key` or `Basic base64(any:key)`. */
function credentialOf(header: string): string | null {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+) *$/.exec(header) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
    case 'soticket':
      return value;
    case 'basic':
      return passwordOf(value);
    default:
      return null;
  }
}

function passwordOf(base64: string): string | null {
  try {
    const text = atob(base64);
    return text.includes(':') ? text.slice(text.indexOf(':') + 1) : null;
  } catch {
    return null;
  }
}
