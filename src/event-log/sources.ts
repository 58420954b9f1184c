/** Source registrations. Held in memory as well, because every inbound request asks. */
import { isInForce, rotated } from '../core/rotation.ts';
import { isSealed } from '../core/sealing.ts';
import type { Site } from '../providers/superoffice/site.ts';
import { credentialHash, newToken } from '../registry/credential.ts';
import type { Transaction } from '../storage/transaction.ts';
import { OPEN_VAULT } from '../storage/vault.ts';
import type { EventStore } from './event-store.ts';
import { Confirmations } from './confirmations.ts';
import { Expiries } from './expiries.ts';
import type { RestoredSource } from './restored.ts';
import { Silences } from './silences.ts';
import { SourceRows } from './source-rows.ts';
import { NO_STATS, SourceCounters } from './source-stats.ts';
import {
  patchedMembers,
  type NewSource,
  type Source,
  type SourceIdentity,
  type SourcePatch,
  type SourceView,
  type Token,
} from './source.ts';

export class Sources {
  readonly rows: SourceRows;
  readonly expiries: Expiries;
  readonly confirmations: Confirmations;
  readonly silences: Silences;
  readonly counters: SourceCounters;
  readonly #tenant: string;
  readonly #transaction: Transaction;
  readonly #byId = new Map<string, Source>();
  readonly #byTokenHash = new Map<string, Source>();

  /** `counting`: called before something is counted of a source. */
  constructor(
    sql: SqlStorage,
    tenant: string,
    log: EventStore,
    countedSeq: number,
    vault = OPEN_VAULT,
    transaction: Transaction = (work) => work(),
    counting: (source: Source) => void = () => undefined,
  ) {
    this.#tenant = tenant;
    this.#transaction = transaction;
    this.expiries = new Expiries(sql);
    this.confirmations = new Confirmations(sql);
    this.silences = new Silences(sql);
    const rows = new SourceRows(sql, vault);
    this.rows = rows;
    for (const source of rows.living()) this.#remember(source);
    this.counters = new SourceCounters({
      get: (id) => this.get(id),
      remember: (source) => this.#remember(source),
      keptStats: (id) => rows.stats(id),
      saveStats: (id, stats) => {
        rows.saveStats(id, stats);
      },
      counting,
    });
    for (const { sourceId, count, lastAtMs } of log.countBySourceAfter(countedSeq))
      this.counters.makeGood(sourceId, count, lastAtMs);
  }

  /** All that live, in any order. */
  get all(): readonly Source[] {
    return [...this.#byId.values()];
  }

  /** What a new source is to be known by. */
  newIdentity(): SourceIdentity {
    return { id: `src_${crypto.randomUUID().replaceAll('-', '').slice(0, 20)}`, token: this.newToken() };
  }

  newToken(): Token {
    const text = newToken(this.#tenant);
    return { text, hash: credentialHash(text), untilMs: null };
  }

  create({ id, token }: SourceIdentity, source: NewSource, nowMs: number): Source {
    return this.restore({
      id,
      provider: source.provider,
      name: source.name,
      uid: source.uid ?? null,
      managedBy: source.managedBy ?? null,
      tokens: [token],
      secrets: source.secret === null ? [] : [{ text: source.secret, untilMs: null }],
      paths: source.paths,
      options: source.options ?? {},
      recipe: source.recipe ?? null,
      site: source.site,
      stats: NO_STATS,
      createdAtMs: nowMs,
      expiresAtMs: source.expiresAtMs ?? null,
      silentAfterSeconds: source.silentAfterSeconds ?? null,
    });
  }

  /** A source of an export, as it was. */
  restore(source: RestoredSource): Source {
    const restored = this.rows.insert({ ...source, stats: { ...NO_STATS, ...source.stats } });
    this.expiries.set(source.id, source.expiresAtMs ?? null);
    this.silences.set(source.id, source.silentAfterSeconds ?? null, Date.now());
    return this.#remember(restored);
  }

  view(source: Source): SourceView {
    const { id } = source;
    const [expiresAtMs, silentAfterSeconds] = [this.expiries.of(id), this.silences.of(id)];
    const confirmation = this.confirmations.of(id);
    return { ...source, recipe: this.rows.recipe(id), expiresAtMs, silentAfterSeconds, confirmation };
  }

  get count(): number {
    return this.#byId.size;
  }

  get(id: string): Source | null {
    return this.#byId.get(id) ?? null;
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

  /** `site` undefined: it stays as it is. */
  patch(source: Source, patch: SourcePatch, site: Site | null | undefined): Source {
    const { id } = source;
    const { recipe, expiresAtMs = this.expiries.of(id), silentAfterSeconds = this.silences.of(id) } = patch;
    const next = { ...source, ...patchedMembers(source, patch) };
    const isChanged =
      expiresAtMs !== this.expiries.of(id) ||
      silentAfterSeconds !== this.silences.of(id) ||
      configText(next) !== configText(source) ||
      (site !== undefined && JSON.stringify(site) !== JSON.stringify(this.rows.site(id))) ||
      (recipe !== undefined && JSON.stringify(recipe) !== JSON.stringify(this.rows.recipe(id)));
    const updated = this.rows.update(next, site, isChanged);
    this.expiries.set(id, expiresAtMs);
    this.silences.set(id, silentAfterSeconds, Date.now());
    if (recipe !== undefined) this.rows.saveRecipe(id, recipe);
    // A new value of `options` each time: by it a changed recipe is noticed.
    return this.#remember({ ...updated, stats: source.stats });
  }

  /** With its credentials. */
  site(id: string): Site | null {
    return this.#byId.get(id)?.site ? this.rows.site(id) : null;
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
    return this.#save({
      ...source,
      secrets: rotated(legible, { text, untilMs: null }, overlapMs, nowMs),
    });
  }

  /** The same with the tokens of the inbound URL, all that are in force from now on. */
  saveTokens(source: Source, tokens: readonly Token[]): Source {
    for (const { hash } of source.tokens) this.#byTokenHash.delete(hash);
    return this.#save({ ...source, tokens });
  }

  /** The first secret of a source that was made without one. */
  keepSecret(id: string, text: string): void {
    const source = this.#byId.get(id);
    if (source === undefined || source.secrets.length > 0) return;
    this.#save({ ...source, secrets: [{ text, untilMs: null }] });
  }

  /** Its secrets go with it, and the texts of its tokens. */
  delete(id: string, nowMs: number): Source | null {
    const source = this.#byId.get(id);
    if (source === undefined) return null;
    this.rows.delete(id, nowMs);
    this.expiries.set(id, null);
    this.confirmations.forget(id);
    this.silences.set(id, null, nowMs);
    this.#byId.delete(id);
    for (const { hash } of source.tokens) this.#byTokenHash.delete(hash);
    this.counters.drop(id);
    return source;
  }

  #save(source: Source): Source {
    this.#transaction(() => {
      this.rows.saveSecrets(source);
    });
    return this.#remember({ ...source, version: source.version + 1 });
  }

  #remember(source: Source): Source {
    this.#byId.set(source.id, source);
    for (const { hash } of source.tokens) this.#byTokenHash.set(hash, source);
    return source;
  }
}

/** Of what may be changed, all that stands in memory. */
function configText({ name, uid, managedBy, paths, options }: Source): string {
  return JSON.stringify([name, uid, managedBy, paths, options]);
}
