/** The key, kept in the sessionStorage of this tab and nowhere else: another tab asks again, a closed one forgets. */
export interface Session {
  readonly key: string;
  /** With the admin key: whose registrations and events. null: `default`, or the key's own. */
  readonly tenant: string | null;
}

const KEY = 'posthorn.key';
const TENANT = 'posthorn.tenant';

export function storedSession(): Session | null {
  const key = sessionStorage.getItem(KEY);
  return key === null ? null : { key, tenant: sessionStorage.getItem(TENANT) };
}

export function storeSession(session: Session): void {
  sessionStorage.setItem(KEY, session.key);
  if (session.tenant === null) sessionStorage.removeItem(TENANT);
  else sessionStorage.setItem(TENANT, session.tenant);
}

/** With the admin key: all pages of another tenant, from the overview on. */
export function openTenant(tenant: string): void {
  sessionStorage.setItem(TENANT, tenant);
  location.assign('/console');
}

export function forgetSession(): void {
  sessionStorage.removeItem(KEY);
  sessionStorage.removeItem(TENANT);
}
