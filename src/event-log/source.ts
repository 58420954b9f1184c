/** A source as its tenant registered it, and what a patch makes of it. */
import type { Confirmation } from './confirmations.ts';
import { isInForce, type Ending } from '../core/rotation.ts';
import { isSealed } from '../core/sealing.ts';
import type { Paths } from '../providers/provider.ts';
import type { ProviderName } from '../providers/providers.ts';
import type { Options } from '../providers/recipe/compile.ts';
import type { Recipe } from '../providers/recipe/recipe.ts';
import type { Site, SitePatch, SiteView } from '../providers/superoffice/site.ts';
import { secretUnreadable } from '../storage/unreadable.ts';
import type { SourceStats } from './source-stats.ts';

export interface Token extends Ending {
  readonly text: string;
  readonly hash: string;
}

export interface Secret extends Ending {
  readonly text: string;
}

export interface Source {
  /** Order of creation; the cursor of lists. */
  readonly n: number;
  readonly id: string;
  /** Rises with every change of what is configured. */
  readonly version: number;
  readonly provider: ProviderName;
  readonly name: string;
  /** The user's own name for it, unique among the tenant's sources. */
  readonly uid: string | null;
  /** Of whatever manages it from outside; the relay does nothing by it. */
  readonly managedBy: string | null;
  /** Of its inbound URLs, newest first. */
  readonly tokens: readonly Token[];
  /** Newest first; none: the provider does not sign. '' accepts what is unsigned. */
  readonly secrets: readonly Secret[];
  readonly paths: Paths;
  readonly options: Options;
  /** What may be shown of it; `site` has its credentials. */
  readonly site: SiteView | null;
  readonly stats: SourceStats;
  readonly createdAtMs: number;
}

export interface NewSource {
  readonly provider: ProviderName;
  readonly name: string;
  readonly uid?: string | null;
  readonly managedBy?: string | null;
  readonly expiresAtMs?: number | null;
  readonly silentAfterSeconds?: number | null;
  readonly secret: string | null;
  readonly paths: Paths;
  readonly options?: Options;
  readonly recipe?: Recipe | null;
  readonly site: Site | null;
}

/** With what is too large to be held in memory of each. */
export interface SourceView extends Source {
  /** When the subscription at the provider ends; null: unknown, or never. */
  readonly expiresAtMs: number | null;
  /** Silent for longer it is told of; null: never. */
  readonly silentAfterSeconds: number | null;
  /** Of provider `custom`, else null. */
  readonly recipe: Recipe | null;
  /** What its provider wants called before it sends events; null: nothing. */
  readonly confirmation: Confirmation | null;
}

/** Null takes one away. */
export type OptionsPatch = Readonly<Record<string, string | null>>;

export interface SourcePatch {
  readonly expiresAtMs?: number | null | undefined;
  readonly silentAfterSeconds?: number | null | undefined;
  readonly uid?: string | null | undefined;
  readonly managedBy?: string | null | undefined;
  readonly name?: string | undefined;
  readonly paths?: { readonly [M in keyof Paths]?: Paths[M] | null | undefined } | null | undefined;
  readonly options?: OptionsPatch | undefined;
  readonly recipe?: Recipe | undefined;
  readonly site?: SitePatch | null | undefined;
}

export interface SourceIdentity {
  readonly id: string;
  readonly token: Token;
}

/** The texts of a source's secrets that count now, newest first. */
export function secretsInForce({ id, secrets }: Source, nowMs: number): string[] {
  const texts = secrets.filter((secret) => isInForce(secret, nowMs)).map(({ text }) => text);
  if (texts.some(isSealed)) throw secretUnreadable(`source ${id}`);
  return texts;
}

/** What a patch makes of the members that it may change. */
export function patchedMembers(
  source: Source,
  { name, uid, managedBy, paths, options }: SourcePatch,
): Pick<Source, 'name' | 'uid' | 'managedBy' | 'paths' | 'options'> {
  return {
    name: name ?? source.name,
    uid: uid === undefined ? source.uid : uid,
    managedBy: managedBy === undefined ? source.managedBy : managedBy,
    paths: paths === null ? {} : withoutNulls({ ...source.paths, ...paths }),
    options: mergedOptions(source.options, options),
  };
}

export function mergedOptions(options: Options, patch: OptionsPatch = {}): Options {
  const merged = Object.entries({ ...options, ...patch });
  return Object.fromEntries(merged.filter((option): option is [string, string] => option[1] !== null));
}

function withoutNulls(paths: NonNullable<SourcePatch['paths']>): Paths {
  return Object.fromEntries(Object.entries(paths).filter(([, pointer]) => typeof pointer === 'string'));
}
