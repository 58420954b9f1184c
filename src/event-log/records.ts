/** The present state of a registration as its KV record: what the outbox tells. No record holds a secret. */
import { maskedMembers } from '../core/hook-config.ts';
import type { TenantRef } from '../registry/address.ts';
import type { KeyRoute, TokenRoute } from '../registry/records.ts';
import { EVERY_HOOK } from './hook-scope.ts';
import type { HookRegistration } from '../core/hook-registration.ts';
import type { Hooks } from './hooks.ts';
import type { Key, Keys } from './keys.ts';
import type { Sources } from './sources.ts';
import type { Source, SourceView } from './source.ts';

export interface Registrations {
  readonly ref: TenantRef;
  readonly keys: Keys;
  readonly sources: Sources;
  readonly hooks: Hooks;
}

/** The record under a key of registry/records.ts; null: there is none (any more). */
export function recordOf(
  { ref, keys, sources, hooks }: Registrations,
  key: string,
  nowMs: number,
): object | null {
  const [kind, ...rest] = key.split(':');
  const id = rest.at(-1) ?? '';
  switch (kind) {
    case 'key': {
      const found = keys.byHash(id);
      return found && keyRecord(ref, found);
    }
    case 'token': {
      const found = sources.byTokenHash(id, nowMs);
      return found && tokenRoute(ref, found);
    }
    case 'source': {
      const found = sources.get(id);
      return found && sourceRecord(sources.view(found));
    }
    case 'hook': {
      const found = hooks.get(Number(id), EVERY_HOOK);
      return found && hookRecord(found);
    }
    default:
      throw new Error(`outbox key: expected a known kind, got ${key}`);
  }
}

export function keyRecord(ref: TenantRef, key: Omit<Key, 'n'>): object {
  const { name, role, createdAtMs, expiresAtMs } = key;
  return { ...keyRoute(ref, key), name, role, createdAtMs, expiresAtMs };
}

export function sourceRecord(
  source: Pick<
    SourceView,
    'id' | 'provider' | 'name' | 'paths' | 'options' | 'recipe' | 'site' | 'createdAtMs' | 'expiresAtMs'
  >,
): object {
  const { id, provider, name, paths, options, recipe, site, createdAtMs, expiresAtMs } = source;
  return { id, provider, name, paths, options, recipe, site, createdAtMs, expiresAtMs };
}

export function hookRecord({ id, config, createdAtMs }: HookRegistration): object {
  const { dialect } = config;
  return {
    id,
    ...config,
    ...maskedMembers(config),
    dialect: dialect.kind === 'superoffice' ? { ...dialect, secret: null } : dialect,
    createdAtMs,
  };
}

export function keyRoute(ref: TenantRef, key: Pick<Key, 'id'>): KeyRoute {
  return { ...ref, keyId: key.id };
}

export function tokenRoute(ref: TenantRef, source: Pick<Source, 'id' | 'provider'>): TokenRoute {
  return { ...ref, sourceId: source.id, provider: source.provider };
}
