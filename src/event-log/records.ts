/** The present state of a registration as its KV record: what the outbox tells. No record holds a secret. */
import { maskedMembers } from '../core/hook-config.ts';
import type { TenantRef } from '../registry/address.ts';
import type { KeyRoute, TokenRoute } from '../registry/records.ts';
import { EVERY_HOOK, type Hooks } from './hooks.ts';
import type { Key, Keys } from './keys.ts';
import type { Source, Sources } from './sources.ts';

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
      if (found === null) return null;
      const { name, role, createdAtMs, expiresAtMs } = found;
      return { ...keyRoute(ref, found), name, role, createdAtMs, expiresAtMs };
    }
    case 'token': {
      const found = sources.byTokenHash(id, nowMs);
      return found && tokenRoute(ref, found);
    }
    case 'source': {
      const found = sources.get(id);
      if (found === null) return null;
      const { provider, name, paths, options, site, createdAtMs } = found;
      const recipe = sources.recipe(id);
      return { id, provider, name, paths, options, recipe, site, createdAtMs };
    }
    case 'hook': {
      const found = hooks.get(Number(id), EVERY_HOOK);
      if (found === null) return null;
      const { config, createdAtMs } = found;
      const { dialect } = config;
      return {
        id: found.id,
        ...config,
        ...maskedMembers(config),
        dialect: dialect.kind === 'superoffice' ? { ...dialect, secret: null } : dialect,
        createdAtMs,
      };
    }
    default:
      throw new Error(`outbox key: expected a known kind, got ${key}`);
  }
}

export function keyRoute(ref: TenantRef, key: Key): KeyRoute {
  return { ...ref, keyId: key.id };
}

export function tokenRoute(ref: TenantRef, source: Source): TokenRoute {
  return { ...ref, sourceId: source.id, provider: source.provider };
}
