/** Registrations as the audit shows them: whole, but for what is secret. */
import type { Audited } from '../core/audit-chain.ts';
import { HOOK_DEFAULTS, MASK, maskedMembers } from '../core/hook-config.ts';
import type { Site } from '../providers/superoffice/site.ts';
import type { HookRegistration } from '../core/hook-registration.ts';
import type { Key } from './keys.ts';
import type { SourceView } from './source.ts';

export function auditedHook(hook: HookRegistration): Audited {
  const { secret, formerSecrets, secretKeys, keyId } = hook;
  const config = { ...HOOK_DEFAULTS, ...hook.config };
  const { dialect } = config;
  return {
    whole: { ...config, keyId, secret: [secret, formerSecrets], keyPairs: secretKeys },
    shown: {
      ...config,
      ...maskedMembers(config),
      dialect: dialect.kind === 'superoffice' ? { ...dialect, secret: masked(dialect.secret) } : dialect,
      keyId,
      secret: MASK,
      keyPairs: secretKeys.map(() => MASK),
    },
  };
}

/** `site`: with its credentials. */
export function auditedSource(source: SourceView, site: Site | null): Audited {
  const { provider, name, uid, managedBy, paths, options, recipe, secrets, tokens } = source;
  const { expiresAtMs, silentAfterSeconds } = source;
  const expiresAt = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString();
  const members = { provider, name, uid, managedBy, paths, options, recipe, expiresAt, silentAfterSeconds };
  return {
    whole: { ...members, site, secret: secrets, inboundUrl: tokens },
    shown: {
      ...members,
      site: site && {
        url: site.url,
        authorization: masked(site.authorization),
        appToken: masked(site.appToken),
      },
      secret: masked(secrets[0]?.text ?? null),
      inboundUrl: MASK,
    },
  };
}

export function auditedKey({ name, role, expiresAtMs }: Omit<Key, 'n'>): object {
  return { name, role, expiresAt: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString() };
}

function masked(secret: string | null): string | null {
  return secret === null ? null : MASK;
}
