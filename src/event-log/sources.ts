/**
 * Source registrations and what arrived for them. Held in memory as well, because every inbound request asks;
 * the counters are flushed at most once a minute and the count of accepted events is made good from the log.
 */
import { isInForce, rotated, type Ending } from '../core/rotation.ts';
import { credentialHash, newToken } from '../registry/credential.ts';
import type { Paths } from '../providers/provider.ts';
import type { ProviderName } from '../providers/providers.ts';
import type { Options } from '../providers/recipe/compile.ts';
import type { Recipe } from '../providers/recipe/recipe.ts';
import { siteView, type Site, type SitePatch, type SiteView } from '../providers/superoffice/site.ts';
import { isSealed } from '../core/sealing.ts';
import { padded } from '../storage/blank.ts';
import { secretUnreadable } from '../storage/unreadable.ts';
import type { Transaction } from '../storage/transaction.ts';
import { OPEN_VAULT, type Vault } from '../storage/vault.ts';
import type { EventStore } from './event-store.ts';
import { Expiries } from './expiries.ts';
import type { RestoredSource } from './restored.ts';
import type { Resealed } from './reencryption.ts';
import {
  blanked,
  opened,
  openedSite,
  resealed,
  sealed,
  sealedSite,
  type SourceSecretsRow,
} from './source-secrets.ts';

export type Rejection = 'signature' | 'malformed' | 'tooLarge';

export interface SourceStats {
  readonly accepted: number;
  readonly duplicates: number;
  /** Of the accepted ones, those under an id that another event had before. */
  readonly idReused: number;
  readonly tests: number;
  readonly rejected: Readonly<Record<Rejection, number>>;
  readonly lastAcceptedAtMs: number | null;
  readonly lastRejectedAtMs: number | null;
  readonly lastRejection: Rejection | null;
  /** When the tenant was last told that this source is refused again and again. */
  readonly toldRejectingAtMs: number | null;
}

/** So many refusals, none of them followed by a request that was taken. */
export interface Refusals {
  readonly count: number;
  readonly sinceMs: number;
}

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
  /** Of provider `custom`, else null. */
  readonly recipe: Recipe | null;
}

/** Null takes one away. */
export type OptionsPatch = Readonly<Record<string, string | null>>;

export interface SourcePatch {
  readonly expiresAtMs?: number | null | undefined;
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

const NO_STATS: SourceStats = {
  accepted: 0,
  duplicates: 0,
  idReused: 0,
  tests: 0,
  rejected: { signature: 0, malformed: 0, tooLarge: 0 },
  lastAcceptedAtMs: null,
  lastRejectedAtMs: null,
  lastRejection: null,
  toldRejectingAtMs: null,
};

const FLUSH_EVERY_MS = 60_000;

type Row = Record<string, SqlStorageValue> & {
  n: number;
  id: string;
  version: number;
  uid: string | null;
  managed_by: string | null;
  provider: string;
  name: string;
  tokens: string;
  secrets: string;
  paths: string;
  options: string;
  site: string | null;
  stats: string;
  created_at: number;
};

/** The counters fill their column up to a length that seldom changes: a longer row would leave its secrets behind. */
const STATS_BYTES = 512;

export class Sources {
  readonly expiries: Expiries;
  readonly #sql: SqlStorage;
  readonly #tenant: string;
  readonly #vault: Vault;
  readonly #transaction: Transaction;
  readonly #byId = new Map<string, Source>();
  readonly #byTokenHash = new Map<string, Source>();
  readonly #unflushed = new Set<string>();
  /** Of each source since it last took something. Memory alone: what is lost is counted anew. */
  readonly #refusals = new Map<string, Refusals>();
  #flushedAtMs = 0;

  constructor(
    sql: SqlStorage,
    tenant: string,
    log: EventStore,
    countedSeq: number,
    vault = OPEN_VAULT,
    transaction: Transaction = (work) => work(),
  ) {
    this.#transaction = transaction;
    this.expiries = new Expiries(sql);
    this.#sql = sql;
    this.#tenant = tenant;
    this.#vault = vault;
    for (const row of sql.exec<Row>('SELECT * FROM sources WHERE deleted_at IS NULL ORDER BY n')) {
      this.#remember(this.#sourceOf(row));
    }
    for (const { sourceId, count, lastAtMs } of log.countBySourceAfter(countedSeq)) {
      this.#count(sourceId, ({ accepted }) => ({ accepted: accepted + count, lastAcceptedAtMs: lastAtMs }));
    }
  }

  /** What a new source is to be known by. */
  newIdentity(): SourceIdentity {
    return { id: `src_${crypto.randomUUID().replaceAll('-', '').slice(0, 20)}`, token: this.newToken() };
  }

  create({ id, token }: SourceIdentity, source: NewSource, nowMs: number): Source {
    const box = this.#box(id);
    const row = this.#sql
      .exec<Row>(
        `INSERT INTO sources (id, provider, name, uid, managed_by, tokens, secrets, paths, options, site, stats, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
        id,
        source.provider,
        source.name,
        source.uid ?? null,
        source.managedBy ?? null,
        sealed(box, '/tokens', [token]),
        sealed(box, '/secrets', source.secret === null ? [] : [{ text: source.secret, untilMs: null }]),
        JSON.stringify(source.paths),
        JSON.stringify(source.options ?? {}),
        sealedSite(box, source.site),
        statsText(NO_STATS),
        nowMs,
      )
      .one();
    if (source.recipe) this.#saveRecipe(id, source.recipe);
    this.expiries.set(id, source.expiresAtMs ?? null);
    return this.#remember(this.#sourceOf(row));
  }

  /** A source of an export, as it was. */
  restore(source: RestoredSource): void {
    const box = this.#box(source.id);
    const row = this.#sql
      .exec<Row>(
        `INSERT INTO sources (id, provider, name, uid, managed_by, tokens, secrets, paths, options, site, stats, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
        source.id,
        source.provider,
        source.name,
        source.uid,
        source.managedBy ?? null,
        sealed(box, '/tokens', source.tokens),
        sealed(box, '/secrets', source.secrets),
        JSON.stringify(source.paths),
        JSON.stringify(source.options),
        sealedSite(box, source.site),
        statsText({ ...NO_STATS, ...source.stats }),
        source.createdAtMs,
      )
      .one();
    if (source.recipe !== null) this.#saveRecipe(source.id, source.recipe);
    this.expiries.set(source.id, source.expiresAtMs ?? null);
    this.#remember(this.#sourceOf(row));
  }

  /** Null: it has none of its own. */
  recipe(id: string): Recipe | null {
    const [row] = this.#sql
      .exec<{ recipe: string }>('SELECT recipe FROM recipes WHERE source_id = ?', id)
      .toArray();
    return row === undefined ? null : (JSON.parse(row.recipe) as Recipe);
  }

  view(source: Source): SourceView {
    const { id } = source;
    return { ...source, recipe: this.recipe(id), expiresAtMs: this.expiries.of(id) };
  }

  #saveRecipe(id: string, recipe: Recipe): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO recipes (source_id, recipe) VALUES (?, ?)',
      id,
      JSON.stringify(recipe),
    );
  }

  get count(): number {
    return this.#byId.size;
  }

  get(id: string): Source | null {
    return this.#byId.get(id) ?? null;
  }

  /** Was there ever a source of that id? */
  existed(id: string): boolean {
    return this.#sql.exec('SELECT 1 FROM sources WHERE id = ?', id).toArray().length > 0;
  }

  /** The source at whose URL that token stands now. */
  byTokenHash(hash: string, nowMs: number): Source | null {
    const source = this.#byTokenHash.get(hash);
    return source?.tokens.some((token) => token.hash === hash && isInForce(token, nowMs)) === true
      ? source
      : null;
  }

  list(order: 'asc' | 'desc', after: number | null, limit: number): Source[] {
    const all = [...this.#byId.values()].sort((a, b) => (order === 'asc' ? a.n - b.n : b.n - a.n));
    return all
      .filter((source) => after === null || (order === 'asc' ? source.n > after : source.n < after))
      .slice(0, limit);
  }

  /** Up to `limit` sources that were deleted before `ms`, in order of creation, after `n`. */
  deletedBefore(ms: number, after: number, limit: number): { n: number; id: string }[] {
    return this.#sql
      .exec<{ n: number; id: string }>(
        'SELECT n, id FROM sources WHERE deleted_at < ? AND n > ? ORDER BY n LIMIT ?',
        ms,
        after,
        limit,
      )
      .toArray();
  }

  forget(id: string): void {
    this.#sql.exec('DELETE FROM sources WHERE id = ?', id);
  }

  /** `site` undefined: it stays as it is. */
  patch(source: Source, patch: SourcePatch, site: Site | null | undefined): Source {
    const { id } = source;
    const { name, uid, managedBy, paths, options } = patchedMembers(source, patch);
    const { recipe, expiresAtMs = this.expiries.of(id) } = patch;
    const before = this.#blank(id);
    const next = [name, uid, managedBy, JSON.stringify(paths), JSON.stringify(options)] as const;
    const present = [
      source.name,
      source.uid,
      source.managedBy,
      JSON.stringify(source.paths),
      JSON.stringify(source.options),
    ];
    const isChanged =
      expiresAtMs !== this.expiries.of(id) ||
      next.some((text, at) => text !== present[at]) ||
      (site !== undefined &&
        JSON.stringify(site) !== JSON.stringify(openedSite(this.#box(id), before.site))) ||
      (recipe !== undefined && JSON.stringify(recipe) !== JSON.stringify(this.recipe(id)));
    const row = this.#sql
      .exec<Row>(
        `UPDATE sources SET name = ?, uid = ?, managed_by = ?, paths = ?, options = ?, tokens = ?, secrets = ?, site = ?,
           version = version + ?
         WHERE id = ? RETURNING *`,
        ...next,
        before.tokens,
        before.secrets,
        site === undefined ? before.site : sealedSite(this.#box(id), site),
        isChanged ? 1 : 0,
        id,
      )
      .one();
    this.expiries.set(id, expiresAtMs);
    if (recipe !== undefined) this.#saveRecipe(id, recipe);
    // A new value of `options` each time: by it a changed recipe is noticed.
    return this.#remember({ ...this.#sourceOf(row), stats: source.stats });
  }

  /** With its credentials. */
  site(id: string): Site | null {
    if (!this.#byId.get(id)?.site) return null;
    const { site } = this.#secretsRow(id);
    return openedSite(this.#box(id), site);
  }

  /** The living source with this `uid`; null: there is none. */
  idOfUid(uid: string): string | null {
    for (const source of this.#byId.values()) if (source.uid === uid) return source.id;
    return null;
  }

  /** Ids of those that have a site that can be called, oldest first. */
  withSite(): string[] {
    return [...this.#byId.values()].filter(({ site }) => site?.hasAuthorization === true).map(({ id }) => id);
  }

  /** Puts a new secret in front; the others stay in force for `overlapMs` at most. */
  rotateSecret(id: string, text: string, overlapMs: number, nowMs: number): Source | null {
    const source = this.#byId.get(id);
    if (source === undefined) return null;
    const legible = source.secrets.filter((secret) => !isSealed(secret.text));
    return this.#save(source, { secrets: rotated(legible, { text, untilMs: null }, overlapMs, nowMs) });
  }

  /** The same with the tokens of the inbound URL, all that are in force from now on. */
  saveTokens(source: Source, tokens: readonly Token[]): Source {
    for (const { hash } of source.tokens) this.#byTokenHash.delete(hash);
    return this.#save(source, { tokens });
  }

  /** The first secret of a source that was made without one. */
  keepSecret(id: string, text: string): void {
    const source = this.#byId.get(id);
    if (source === undefined || source.secrets.length > 0) return;
    this.#save(source, { secrets: [{ text, untilMs: null }] });
  }

  /** Brings rows above a place under the first key, up to `limit` of them. What a deleted one still holds is overwritten. */
  reseal(after: number | string, limit: number): Resealed[] {
    const rows = this.#sql
      .exec<Row & { deleted_at: number | null }>(
        'SELECT * FROM sources WHERE n > ? ORDER BY n LIMIT ?',
        after,
        limit,
      )
      .toArray();
    return rows.map((row) => {
      const { n, id } = row;
      if (row.deleted_at !== null) {
        this.#blank(id);
        return { place: n, isChanged: false, isLegible: true };
      }
      const { kept, ...found } = resealed(this.#box(id), this.#vault.ring, row);
      if (found.isChanged) {
        this.#blank(id);
        this.#sql.exec(
          'UPDATE sources SET tokens = ?, secrets = ?, site = ? WHERE id = ?',
          kept.tokens,
          kept.secrets,
          kept.site,
          id,
        );
      }
      return { place: n, ...found };
    });
  }

  /** How many rows there are above a place; null: how many in all. */
  countAfter(after: number | string | null): number {
    return this.#sql
      .exec<{ count: number }>('SELECT count(*) AS count FROM sources WHERE n > ?', after ?? 0)
      .one().count;
  }

  #save(source: Source, changed: Partial<Pick<Source, 'tokens' | 'secrets'>>): Source {
    const { id } = source;
    const next = { ...source, ...changed, version: source.version + 1 };
    this.#transaction(() => {
      const { site } = this.#blank(id);
      this.#sql.exec(
        'UPDATE sources SET tokens = ?, secrets = ?, site = ?, version = version + 1 WHERE id = ?',
        sealed(this.#box(id), '/tokens', next.tokens),
        sealed(this.#box(id), '/secrets', next.secrets),
        site,
        id,
      );
    });
    return this.#remember(next);
  }

  /** Its secrets go with it, and the texts of its tokens. */
  delete(id: string, nowMs: number): Source | null {
    const source = this.#byId.get(id);
    if (source === undefined) return null;
    this.#blank(id);
    this.#sql.exec('UPDATE sources SET deleted_at = ?, site = NULL WHERE id = ?', nowMs, id);
    this.#sql.exec('DELETE FROM recipes WHERE source_id = ?', id);
    this.expiries.set(id, null);
    this.#byId.delete(id);
    for (const { hash } of source.tokens) this.#byTokenHash.delete(hash);
    this.#unflushed.delete(id);
    this.#refusals.delete(id);
    return source;
  }

  countAccepted(id: string, atMs: number, isReused: boolean): void {
    this.#refusals.delete(id);
    this.#count(id, ({ accepted, idReused }) => ({
      accepted: accepted + 1,
      idReused: idReused + (isReused ? 1 : 0),
      lastAcceptedAtMs: atMs,
    }));
  }

  countDuplicate(id: string): void {
    this.#refusals.delete(id);
    this.#count(id, ({ duplicates }) => ({ duplicates: duplicates + 1 }));
  }

  countTest(id: string): void {
    this.#refusals.delete(id);
    this.#count(id, ({ tests }) => ({ tests: tests + 1 }));
  }

  /** Returns how often it was refused in a row, this time included. */
  countRejection(id: string, rejection: Rejection, atMs: number): Refusals {
    const before = this.#refusals.get(id) ?? { count: 0, sinceMs: atMs };
    const refusals = { ...before, count: before.count + 1 };
    this.#refusals.set(id, refusals);
    this.#count(id, ({ rejected }) => ({
      rejected: { ...rejected, [rejection]: rejected[rejection] + 1 },
      lastRejectedAtMs: atMs,
      lastRejection: rejection,
    }));
    return refusals;
  }

  /**
   * Written at once, so that a source refused while objects come and go is still told of once; and alone, as the
   * counters on disk reach up to a place in the log that only `flush` moves on.
   */
  toldRejecting(id: string, atMs: number): void {
    const source = this.#byId.get(id);
    if (source === undefined) return;
    const kept = this.#sql.exec<Pick<Row, 'stats'>>('SELECT stats FROM sources WHERE id = ?', id).one();
    const stats = { ...NO_STATS, ...(JSON.parse(kept.stats) as Partial<SourceStats>) };
    this.#saveStats(id, { ...stats, toldRejectingAtMs: atMs });
    this.#remember({ ...source, stats: { ...source.stats, toldRejectingAtMs: atMs } });
  }

  /** When the counters in memory are to be flushed; Infinity: there is nothing to flush. */
  flushDueMs(): number {
    return this.#unflushed.size === 0 ? Infinity : this.#flushedAtMs + FLUSH_EVERY_MS;
  }

  flush(nowMs: number): void {
    for (const id of this.#unflushed) {
      const source = this.#byId.get(id);
      if (source !== undefined) {
        this.#saveStats(id, source.stats);
      }
    }
    this.#unflushed.clear();
    this.#flushedAtMs = nowMs;
  }

  #saveStats(id: string, stats: SourceStats): void {
    this.#sql.exec('UPDATE sources SET stats = ? WHERE id = ?', statsText(stats), id);
  }

  #box(id: string) {
    return this.#vault.box(`source ${id}`);
  }

  #secretsRow(id: string): SourceSecretsRow {
    return this.#sql
      .exec<SourceSecretsRow>('SELECT tokens, secrets, site FROM sources WHERE id = ?', id)
      .one();
  }

  /** Overwrites the secrets of a row in place, before one of another length is written somewhere else. Returns them as they lay there. */
  #blank(id: string): SourceSecretsRow {
    const row = this.#secretsRow(id);
    const { tokens, secrets, site } = blanked(row);
    this.#sql.exec(
      'UPDATE sources SET tokens = ?, secrets = ?, site = ? WHERE id = ?',
      tokens,
      secrets,
      site,
      id,
    );
    return row;
  }

  #sourceOf(row: Row): Source {
    return { ...toSource(row), ...opened(this.#box(row.id), row) };
  }

  #count(id: string, change: (stats: SourceStats) => Partial<SourceStats>): void {
    const source = this.#byId.get(id);
    if (source === undefined) return;
    this.#remember({ ...source, stats: { ...source.stats, ...change(source.stats) } });
    this.#unflushed.add(id);
  }

  newToken(): Token {
    const text = newToken(this.#tenant);
    return { text, hash: credentialHash(text), untilMs: null };
  }

  #remember(source: Source): Source {
    this.#byId.set(source.id, source);
    for (const { hash } of source.tokens) this.#byTokenHash.set(hash, source);
    return source;
  }
}

/** The texts of a source's secrets that count now, newest first. */
export function secretsInForce({ id, secrets }: Source, nowMs: number): string[] {
  const texts = secrets.filter((secret) => isInForce(secret, nowMs)).map(({ text }) => text);
  if (texts.some(isSealed)) throw secretUnreadable(`source ${id}`);
  return texts;
}

function statsText(stats: SourceStats): string {
  return padded(JSON.stringify(stats), STATS_BYTES);
}

function toSource(row: Row): Omit<Source, 'tokens' | 'secrets'> {
  return {
    n: row.n,
    id: row.id,
    provider: row.provider,
    version: row.version,
    name: row.name,
    uid: row.uid,
    managedBy: row.managed_by,
    paths: JSON.parse(row.paths) as Paths,
    options: JSON.parse(row.options) as Options,
    site: row.site === null ? null : siteView(JSON.parse(row.site) as Site),
    stats: { ...NO_STATS, ...(JSON.parse(row.stats) as Partial<SourceStats>) },
    createdAtMs: row.created_at,
  };
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
