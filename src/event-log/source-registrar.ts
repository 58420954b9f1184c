/** The tenant's sources: made, changed, rotated, deleted, and what is known of their sites. */
import { changedMembers, type Attribution, type Audited } from '../core/audit-chain.ts';
import { MASK } from '../core/mask.ts';
import { rotated, type Ending } from '../core/rotation.ts';
import { providerOf } from '../providers/providers.ts';
import {
  isAuthorized,
  patchSite,
  siteView,
  type AuthorizedSite,
  type PatchedSite,
} from '../providers/superoffice/site.ts';
import { randomBytes } from '../random.ts';
import { sourceRecordKey, tokenRecordKey, type TokenRoute } from '../registry/records.ts';
import { BY_RELAY } from './audit.ts';
import { auditedSource } from './audited.ts';
import type { Changes } from './changes.ts';
import type { Created, Idempotency } from './idempotency.ts';
import type { ListQuery } from './list-query.ts';
import { Once } from './once.ts';
import type { OpenLog } from './open-log.ts';
import { fullOf } from './quota.ts';
import { sourceRecord, tokenRoute } from './records.ts';
import { LIVE_SECRETS, type Full, type Outdated, type Quotas, type Taken } from './refused.ts';
import {
  patchedMembers,
  type NewSource,
  type Source,
  type SourcePatch,
  type SourceView,
  type Token,
} from './source.ts';
import type { Telling } from './telling.ts';

/** `dropped`: write-only members that stayed behind when its site was pointed at another host. */
export interface PatchedSource {
  readonly source: SourceView;
  readonly dropped: readonly string[];
}

type Incomplete = Extract<PatchedSite, { kind: 'incomplete' }>;

export class SourceRegistrar {
  readonly #log: OpenLog;
  readonly #changes: Changes;
  readonly #telling: Telling;
  readonly #quotas: () => Quotas;
  readonly #once: Once;

  constructor(log: OpenLog, changes: Changes, telling: Telling, quotas: () => Quotas) {
    this.#log = log;
    this.#changes = changes;
    this.#telling = telling;
    this.#quotas = quotas;
    this.#once = new Once(log.answers);
  }

  routeOfToken(hash: string): TokenRoute | null {
    const { sources, ref } = this.#log;
    const source = sources.byTokenHash(hash, Date.now());
    return source === null ? null : tokenRoute(ref, source);
  }

  /** `secret` null: one is generated where the provider signs. */
  async createSource(
    source: NewSource,
    idempotency: Idempotency | null,
    by: Attribution = BY_RELAY,
  ): Promise<Created<SourceView> | Full | Taken> {
    return this.#once.run<SourceView, Full | Taken>(idempotency, (remember) =>
      this.#create(source, remember, by),
    );
  }

  async #create(
    source: NewSource,
    remember: (made: SourceView, what: string) => void,
    by: Attribution,
  ): Promise<Created<SourceView> | Full | Taken> {
    const { sources, ref } = this.#log;
    const refusal = () =>
      fullOf(this.#log, 'sources', this.#quotas()) ?? this.#taken(source.uid ?? null, null);
    const refused = refusal();
    if (refused !== null) return refused;
    const nowMs = Date.now();
    const identity = sources.newIdentity();
    const { id, token } = identity;
    const secret = source.secret ?? newSecretOf(source);
    const { provider, name, paths, options = {}, recipe = null } = source;
    const site = source.site && siteView(source.site);
    const expiresAtMs = source.expiresAtMs ?? null;
    const shown = { id, provider, name, paths, options, recipe, site, createdAtMs: nowMs, expiresAtMs };
    const record = sourceRecord(shown);
    const own = sourceRecordKey(ref.tenant, id);
    const plan = {
      keys: [own, tokenRecordKey(token.hash)],
      tell: (key: string) =>
        this.#telling.record(key, key === own ? record : tokenRoute(ref, { id, provider })),
      commit: () => {
        const made = sources.view(sources.create(identity, { ...source, secret }, nowMs));
        remember(made, madeSource(id));
        this.#log.audit.add(by, `source/${id}`, null, auditedSource(made, source.site).shown);
        return { kind: 'created', value: made } as const;
      },
    };
    return this.#changes.makeNew(() => plan, refusal);
  }

  listSources({ order, after, limit }: ListQuery): SourceView[] {
    const { sources } = this.#log;
    return sources.list(order, after, limit).map((source) => sources.view(source));
  }

  /** Of these ids, those that no source ever had. */
  unknownSources(ids: readonly string[]): string[] {
    const { sources } = this.#log;
    return ids.filter((id) => !sources.rows.existed(id));
  }

  getSource(id: string): SourceView | null {
    const { sources } = this.#log;
    const source = sources.get(id);
    return source && sources.view(source);
  }

  /** The same for its secret: that it was read is in the audit when this returns. */
  readSource(id: string, by: Attribution): SourceView | null {
    const source = this.getSource(id);
    if (source !== null) this.#log.audit.add(by, `source/${id}`, null, null);
    return source;
  }

  /** An operator has had it called that its provider asked for. */
  confirmed(id: string, url: string, by: Attribution): void {
    const { sources, audit } = this.#log;
    if (sources.get(id) === null) return;
    this.#log.atomically(() => {
      audit.add(by, `source/${id}`, null, { confirmed: true });
      sources.confirmations.forget(id, url);
    });
  }

  /** `relayHost` counts when the URL of the site changes. `versions`: it must have one of these; null: any. */
  async patchSource(
    id: string,
    patch: SourcePatch,
    relayHost: string,
    versions: readonly number[] | null = null,
    by: Attribution = BY_RELAY,
  ): Promise<PatchedSource | Incomplete | Taken | Outdated | null> {
    const { sources, ref } = this.#log;
    const own = sourceRecordKey(ref.tenant, id);
    return this.#changes.make<PatchedSource, Incomplete | Taken | Outdated | null>(own, () => {
      const source = sources.get(id);
      if (source === null) return { instead: null };
      if (versions?.includes(source.version) === false) return { instead: 'outdated' };
      const taken = this.#taken(patch.uid ?? null, id);
      if (taken !== null) return { instead: taken };
      const merged = patch.site && patchSite(sources.site(id), patch.site, relayHost);
      if (merged?.kind === 'incomplete') return { instead: merged };
      const site = merged && merged.site;
      const next = {
        ...sources.view(source),
        ...patchedMembers(source, patch),
        ...(patch.recipe === undefined ? {} : { recipe: patch.recipe }),
        ...(patch.expiresAtMs === undefined ? {} : { expiresAtMs: patch.expiresAtMs }),
        ...(site === undefined ? {} : { site: site && siteView(site) }),
      };
      return {
        keys: [own],
        tell: (key) => this.#telling.record(key, sourceRecord(next)),
        commit: () => {
          // What has been counted meanwhile stays counted.
          const before = this.#audited(id);
          const patched = sources.patch(sources.get(id) ?? source, patch, site);
          this.#changedFrom(before, id, by);
          return { source: sources.view(patched), dropped: merged ? merged.dropped : [] };
        },
      };
    });
  }

  /**
   * The SuperOffice that runs scripts for events of this source: its own, else that of the tenant's only source with
   * one. Null: there is none.
   */
  siteFor(sourceId: string | null): AuthorizedSite | null {
    const { sources } = this.#log;
    const own = sourceId === null ? null : sources.site(sourceId);
    const [only, ...others] = own === null ? sources.withSite() : [];
    const site = own ?? (only === undefined || others.length > 0 ? null : sources.site(only));
    return site !== null && isAuthorized(site) ? site : null;
  }

  hasSite(): boolean {
    return this.#log.sources.withSite().length > 0;
  }

  /** `secret` null: one is generated. The others stay in force for `overlapMs`; `full`: too many would. */
  rotateSourceSecret(
    id: string,
    secret: string | null,
    overlapMs: number,
    by: Attribution = BY_RELAY,
  ): Source | 'full' | null {
    const { sources } = this.#log;
    const source = sources.get(id);
    if (source !== null && isFull(source.secrets, overlapMs)) return 'full';
    const text = secret ?? (source && newSecretOf(sources.view(source)));
    // Secrets are in no record: there is nobody to tell.
    if (source === null || text === null) return null;
    return this.#log.atomically(() => {
      const before = { secret: this.#audited(id)?.shown.secret ?? null };
      // In front, as memory changes with the second statement: neither may stand alone when the other fails.
      this.#log.audit.add(by, `source/${id}`, before, { secret: MASK });
      return sources.rotateSecret(id, text, overlapMs, Date.now());
    });
  }

  /** `full`: too many URLs of the source would work. */
  async rotateSourceUrl(
    id: string,
    overlapMs: number,
    by: Attribution = BY_RELAY,
  ): Promise<SourceView | 'full' | null> {
    const { sources, ref } = this.#log;
    return this.#changes.make(sourceRecordKey(ref.tenant, id), () => {
      const source = sources.get(id);
      if (source === null) return { instead: null };
      if (isFull(source.tokens, overlapMs)) return { instead: 'full' };
      const tokens = rotated(source.tokens, sources.newToken(), overlapMs, Date.now());
      const inForce = new Set(recordKeysOf(tokens));
      return {
        // The record of the source itself names no URL.
        keys: [...new Set([...inForce, ...recordKeysOf(source.tokens)])],
        tell: (key) => this.#telling.record(key, inForce.has(key) ? tokenRoute(ref, source) : null),
        commit: () => {
          const before = this.#audited(id);
          const saved = sources.view(sources.saveTokens(sources.get(id) ?? source, tokens));
          this.#changedFrom(before, id, by);
          return saved;
        },
      };
    });
  }

  /** False: there is no such source. `versions`: it must have one of these; null: any. */
  async deleteSource(
    id: string,
    versions: readonly number[] | null = null,
    by: Attribution = BY_RELAY,
  ): Promise<boolean | Outdated> {
    const { sources, ref } = this.#log;
    const own = sourceRecordKey(ref.tenant, id);
    return this.#changes.make<boolean, boolean | Outdated>(own, () => {
      const source = sources.get(id);
      if (source === null) return { instead: false };
      if (versions?.includes(source.version) === false) return { instead: 'outdated' };
      return {
        keys: [own, ...recordKeysOf(source.tokens)],
        tell: (key) => this.#telling.record(key, null),
        commit: () => {
          this.#log.answers.forgetMade(madeSource(id));
          const before = this.#audited(id);
          const deleted = sources.delete(id, Date.now());
          if (deleted === null) return false;
          this.#log.hours.forgetSource(deleted);
          this.#log.audit.add(by, `source/${id}`, before?.shown ?? null, null);
          return true;
        },
      };
    });
  }

  #audited(id: string): Audited | null {
    const { sources } = this.#log;
    const source = sources.get(id);
    return source && auditedSource(sources.view(source), sources.site(id));
  }

  #changedFrom(before: Audited | null, id: string, by: Attribution): void {
    const now = this.#audited(id);
    if (before === null || now === null) return;
    const members = changedMembers(before, now);
    this.#log.audit.add(by, `source/${id}`, members.before, members.after);
  }

  /** Null: no other source has this `uid`. */
  #taken(uid: string | null, ownId: string | null): Taken | null {
    const id = uid === null ? null : this.#log.sources.idOfUid(uid);
    return uid === null || id === null || id === ownId ? null : { kind: 'taken', what: 'sources', uid };
  }
}

function madeSource(id: string): string {
  return `source ${id}`;
}

function recordKeysOf(tokens: readonly Token[]): string[] {
  return tokens.map(({ hash }) => tokenRecordKey(hash));
}

/** Null: none is made for its provider. */
function newSecretOf({ provider, options = {}, recipe = null }: NewSource | SourceView): string | null {
  return providerOf({ provider, options, recipe })?.newSecret(randomBytes(32)) ?? null;
}

/** Would those that are in force, with one more in front, be too many? */
function isFull(present: readonly Ending[], overlapMs: number): boolean {
  return rotated<Ending>(present, { untilMs: null }, overlapMs, Date.now()).length > LIVE_SECRETS;
}
