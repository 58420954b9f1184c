/** The row that says which hook an object is, and how it is registered. Its secrets lie there sealed, where there is a key. */
import { NO_KEYS, type KeyRing } from '../core/sealing.ts';
import { withHookSecrets } from '../core/hook-registration.ts';
import type { HookRegistration } from '../core/hook-registration.ts';
import type { TenantRef } from '../registry/address.ts';
import { blankWithinJson, bytesOf, padded } from '../storage/blank.ts';
import { Vault } from '../storage/vault.ts';

export interface Assignment {
  readonly ref: TenantRef;
  readonly registration: HookRegistration;
}

/** Writes down the first registration. The tables must be there. */
export function assign(
  sql: SqlStorage,
  ref: TenantRef,
  registration: HookRegistration,
  keys: KeyRing = NO_KEYS,
): void {
  sql.exec(
    'INSERT INTO assignment (tenant, incarnation, jurisdiction, registration) VALUES (?, ?, ?, ?)',
    ref.tenant,
    ref.incarnation,
    ref.jurisdiction,
    keptText(new Vault(keys, ref), registration),
  );
}

/** A secret that does not open stays sealed. */
export function readAssignment(sql: SqlStorage, keys: KeyRing): Assignment & { readonly vault: Vault } {
  const { registration: kept, ...ref } = sql
    .exec<{
      tenant: string;
      incarnation: string;
      jurisdiction: TenantRef['jurisdiction'];
      registration: string;
    }>('SELECT tenant, incarnation, jurisdiction, registration FROM assignment')
    .one();
  const vault = new Vault(keys, ref);
  const sealed = JSON.parse(kept) as HookRegistration;
  const registration = withHookSecrets(sealed, vault.box(objectName(sealed.id)).open);
  return { ref, vault, registration };
}

/** Overwrites the secrets in place first: a text of another length is written somewhere else. */
export function replaceRegistration(sql: SqlStorage, vault: Vault, registration: HookRegistration): void {
  const { registration: kept } = sql
    .exec<{ registration: string }>('SELECT registration FROM assignment')
    .one();
  const before = JSON.parse(kept) as HookRegistration;
  const blank = withHookSecrets(before, (_member, text) => blankWithinJson(text));
  sql.exec('UPDATE assignment SET registration = ?', padded(JSON.stringify(blank), bytesOf(kept)));
  sql.exec('UPDATE assignment SET registration = ?', keptText(vault, registration));
}

/** For the secrets of a hook in its own object. */
export function objectName(hookId: number): string {
  return `hook object ${hookId}`;
}

function keptText(vault: Vault, registration: HookRegistration): string {
  return JSON.stringify(withHookSecrets(registration, vault.box(objectName(registration.id)).seal));
}
