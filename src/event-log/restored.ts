/** What an export with secrets holds of a tenant, to the last byte: what an import puts back. */
import type { EventId } from '../core/event-id.ts';
import type { HookConfig } from '../core/hook-config.ts';
import type { Role } from '../core/role.ts';
import type { Paths } from '../providers/provider.ts';
import type { ProviderName } from '../providers/providers.ts';
import type { Options } from '../providers/recipe/compile.ts';
import type { Recipe } from '../providers/recipe/recipe.ts';
import type { Site } from '../providers/superoffice/site.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import type { EndingSecret } from '../core/hook-registration.ts';
import type { SourceStats } from './source-stats.ts';
import type { Token } from './source.ts';

/** Of the form of an export. One of a higher number is of a newer version. */
export const EXPORT_FORMAT = 1;

export interface ExportHead {
  readonly tenant: string;
  /** The life of the tenant that it was exported from. */
  readonly incarnation: string;
  /** No event in the export has a higher place. */
  readonly lastSeq: number;
}

export interface RestoredKey {
  readonly id: string;
  /** SHA-256 of its text, which nobody has kept. */
  readonly hash: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
}

/** What an export takes of a key. */
export const RESTORED_KEY = [
  'id',
  'hash',
  'name',
  'role',
  'createdAtMs',
  'expiresAtMs',
] as const satisfies readonly (keyof RestoredKey)[];

export interface RestoredSource {
  readonly id: string;
  readonly provider: ProviderName;
  readonly name: string;
  readonly uid: string | null;
  readonly tokens: readonly Token[];
  readonly secrets: readonly EndingSecret[];
  readonly paths: Paths;
  readonly options: Options;
  readonly recipe: Recipe | null;
  readonly site: Site | null;
  readonly stats: SourceStats;
  readonly createdAtMs: number;
  /** Absent in exports from before there was such a member. */
  readonly expiresAtMs?: number | null;
  readonly silentAfterSeconds?: number | null;
  readonly managedBy?: string | null;
}

/** What an export takes of a source, beside its site with the credentials. */
export const RESTORED_SOURCE = [
  'id',
  'provider',
  'name',
  'uid',
  'tokens',
  'secrets',
  'paths',
  'options',
  'recipe',
  'stats',
  'createdAtMs',
  'expiresAtMs',
  'silentAfterSeconds',
  'managedBy',
] as const satisfies readonly (keyof RestoredSource)[];

export interface RestoredHook {
  readonly id: number;
  readonly config: HookConfig;
  readonly secret: string;
  readonly formerSecrets: readonly EndingSecret[];
  readonly secretKeys: readonly EndingSecret[];
  readonly relayHost: string;
  readonly keyId: string | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What an export takes of a hook. */
export const RESTORED_HOOK = [
  'id',
  'config',
  'secret',
  'formerSecrets',
  'secretKeys',
  'relayHost',
  'keyId',
  'createdAtMs',
  'updatedAtMs',
] as const satisfies readonly (keyof RestoredHook)[];

export type RestoredEvent = Omit<StoredEvent, 'raw' | 'id'> & {
  readonly id: EventId;
  /** In base64. */
  readonly raw: string;
  /** By which a repetition is told, in base64; null: by nothing. */
  readonly dedupe: string | null;
};

/** A line that was read and found good, with its number. */
export type ImportLine = { readonly line: number } & (
  | { readonly kind: 'export'; readonly restore: ExportHead }
  | { readonly kind: 'key'; readonly restore: RestoredKey }
  | { readonly kind: 'source'; readonly restore: RestoredSource }
  | { readonly kind: 'hook'; readonly restore: RestoredHook }
  | { readonly kind: 'event'; readonly restore: RestoredEvent }
  /** What comes to no end has been cut. */
  | { readonly kind: 'end' }
);

export interface ImportCounts {
  readonly sources: number;
  readonly hooks: number;
  readonly keys: number;
  readonly events: number;
}

export type ImportResult =
  | ({ readonly kind: 'imported' } & ImportCounts)
  /** There is something in the tenant already. */
  | { readonly kind: 'not-empty'; readonly what: string }
  | {
      readonly kind: 'unfit';
      readonly line: number;
      readonly path: string;
      readonly expected: string;
      readonly got: string;
    };
