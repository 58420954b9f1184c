/**
 * The tenant's registrations: every change of a key, source or hook is one commit together with a note of whom it must
 * be told, and is answered when it has been told: KV, and for a hook its object.
 */
import { boundProblems, type BoundProblem } from '../core/hook-bounds.ts';
import { HOOK_DEFAULTS, type HookConfig, type HookPatch, type Signing } from '../core/hook-config.ts';
import { shapeProblems } from '../core/hook-shape.ts';
import { movedHook } from '../core/move.ts';
import type { Role } from '../core/role.ts';
import { isInForce, rotated, type Ending } from '../core/rotation.ts';
import { newSecretKey, publicJwkOf, publicKeyOf, type PublicJwk } from '../core/key-pair.ts';
import { newSecret } from '../core/signature.ts';
import type { Env } from '../env.ts';
import type { RetryResult } from '../hook/by-hand.ts';
import type { HookRuntime } from '../hook/runtime.ts';
import { providerOf } from '../providers/providers.ts';
import {
  isAuthorized,
  patchSite,
  type AuthorizedSite,
  type PatchedSite,
} from '../providers/superoffice/site.ts';
import { randomBytes } from '../random.ts';
import { withDeadline } from '../storage/deadline.ts';
import { hookOf, TENANT_GONE } from '../registry/address.ts';
import {
  hookRecordKey,
  keyRecordKey,
  sourceRecordKey,
  tokenRecordKey,
  writeRecord,
  type KeyRoute,
  type TokenRoute,
} from '../registry/records.ts';
import {
  type EndingSecret,
  type HookKeys,
  type HookPage,
  type HookRegistration,
  type HookScope,
  type NewHook,
} from './hooks.ts';
import type { Created, Idempotency } from './idempotency.ts';
import type { Key } from './keys.ts';
import type { OpenLog } from './open-log.ts';
import { Outbox } from './outbox.ts';
import { keyRoute, recordOf, tokenRoute } from './records.ts';
import type { Full, Outdated, Quotas, Registered, Taken, Unfit } from './refused.ts';
import type { NewSource, Source, SourcePatch, SourceView } from './sources.ts';

/** Of a hook object that hangs the caller is told in time that it could not be told. */
const CONFIGURE_DEADLINE_MS = 10_000;
/** One subrequest each, of the 50 that the smallest plan allows an invocation. */
const HOOKS_ASKED_PER_CALL = 40;
/** Of one hook or source at a time: each delivery, and each request, is checked against all of them. */
const LIVE_SECRETS = 5;
/** With the calls of the fan-out below the 50 subrequests that the smallest plan allows an invocation. */
const OUTBOX_KEYS_PER_WAKE = 8;

/** What a key is never changes. */
export const KEY_VERSION = 1;

export interface HookView {
  readonly registration: HookRegistration;
  readonly runtime: HookRuntime;
}

/** `dropped`: write-only members that stayed behind when it was pointed at another host. */
export interface PatchedHook extends HookView {
  readonly dropped: readonly string[];
}

export interface PatchedSource {
  readonly source: SourceView;
  readonly dropped: readonly string[];
}

/** A part of a list. */
export interface HookViewPage {
  readonly views: readonly HookView[];
  /** Id of the hook after which the next page begins; null: there are no more. */
  readonly next: number | null;
}

export interface ListQuery {
  readonly order: 'asc' | 'desc';
  readonly after: number | null;
  readonly limit: number;
}

/** What verifies the `v1a` signatures of a hook. */
export interface PublicKey extends Ending {
  readonly publicKey: string;
  readonly jwk: PublicJwk;
}

export interface RegistrarHost {
  env(): Env;
  /** There is more to do than before. */
  changed(): void;
  /** False from the moment the log is closed on: nothing is told any more. */
  isOpen(): boolean;
  quotas(): Quotas;
}

export class Registrar {
  readonly #storage: DurableObjectStorage;
  readonly #abort: (reason: string) => void;
  readonly #log: OpenLog;
  readonly #host: RegistrarHost;
  readonly #outbox: Outbox;

  constructor(ctx: DurableObjectState, log: OpenLog, host: RegistrarHost) {
    this.#storage = ctx.storage;
    this.#abort = (reason) => ctx.abort(reason);
    this.#log = log;
    this.#host = host;
    this.#outbox = new Outbox(ctx.storage.sql, {
      tell: (key) => this.#tellNow(key),
      nowMs: () => Date.now(),
    });
  }

  /** When there is something to tell; Infinity: there is not. */
  dueMs(): number {
    return this.#outbox.dueMs();
  }

  /** Tells some of what is due. Throws nothing: what could not be told stays. */
  async flush(): Promise<void> {
    try {
      if (this.dueMs() > Date.now()) return;
      await this.#outbox.flushDue(OUTBOX_KEYS_PER_WAKE);
      this.#host.changed();
    } catch (error) {
      // Storage failed: the next wake asks again.
      console.error('outbox flush failed', { tenant: this.#log.ref.tenant, error: String(error) });
    }
  }

  /** Leaves nothing of a deleted hook but its registration. False: somebody has still to be told of it. */
  async eraseHook(id: number): Promise<boolean> {
    if (hookKeys(this.#log, id).some((key) => this.#outbox.has(key))) return false;
    await hookOf(this.#host.env(), this.#log.ref, id).erase();
    return true;
  }

  /** Returns when nothing is being told any more. */
  async settled(): Promise<void> {
    await this.#outbox.settled();
  }

  routeOfKey(hash: string): KeyRoute | null {
    const log = this.#log;
    const key = log.keys.byHash(hash);
    return key === null ? null : keyRoute(log.ref, key);
  }

  /** The key of that hash if it is good now. */
  liveKey(hash: string): Key | null {
    const key = this.#log.keys.byHash(hash);
    return key !== null && (key.expiresAtMs === null || key.expiresAtMs > Date.now()) ? key : null;
  }

  /** Makes a key; its text is in the answer only. */
  async createKey(
    name: string,
    role: Role,
    expiresAtMs: number | null,
  ): Promise<Created<{ readonly key: Key; readonly text: string }> | Full> {
    const log = this.#log;
    const full = this.#full('keys');
    if (full !== null) return full;
    const [key, text] = this.#change(
      () => log.keys.create(name, role, expiresAtMs, Date.now()),
      ([made]) => [keyRecordKey(made.hash)],
    );
    await this.#tellCreated(() => log.keys.revoke(key.id, Date.now()), [keyRecordKey(key.hash)]);
    return { kind: 'created', value: { key, text } };
  }

  listKeys({ order, after, limit }: ListQuery): Key[] {
    return this.#log.keys.list(order, after, limit);
  }

  /** A key never changes: it has one version from beginning to end. */
  async revokeKey(id: string, versions: readonly number[] | null = null): Promise<boolean | Outdated> {
    const log = this.#log;
    if (versions?.includes(KEY_VERSION) === false && log.keys.isLive(id)) return 'outdated';
    const key = this.#change(
      () => log.keys.revoke(id, Date.now()),
      (revoked) => (revoked === null ? [] : [keyRecordKey(revoked.hash)]),
    );
    if (key === null) return false;
    await this.#outbox.flush(keyRecordKey(key.hash));
    return true;
  }

  // Sources

  routeOfToken(hash: string): TokenRoute | null {
    const log = this.#log;
    const source = log.sources.byTokenHash(hash, Date.now());
    return source === null ? null : tokenRoute(log.ref, source);
  }

  /** `secret` null: one is generated where the provider signs. */
  async createSource(
    source: NewSource,
    idempotency: Idempotency | null,
  ): Promise<Created<SourceView> | Full | Taken> {
    const log = this.#log;
    const secret = source.secret ?? newSecretOf(source);
    return this.#createOnce(
      idempotency,
      () => this.#full('sources') ?? this.#sourceTaken(source.uid ?? null, null),
      () => log.sources.view(log.sources.create({ ...source, secret }, Date.now())),
      (made) => sourceKeys(log, made),
      (made) => log.sources.delete(made.id, Date.now()),
    );
  }

  listSources({ order, after, limit }: ListQuery): SourceView[] {
    const { sources } = this.#log;
    return sources.list(order, after, limit).map((source) => sources.view(source));
  }

  /** Of these ids, those that no source ever had. */
  unknownSources(ids: readonly string[]): string[] {
    const { sources } = this.#log;
    return ids.filter((id) => !sources.existed(id));
  }

  getSource(id: string): SourceView | null {
    const { sources } = this.#log;
    const source = sources.get(id);
    return source && sources.view(source);
  }

  /** `relayHost` counts when the URL of the site changes. */
  async patchSource(
    id: string,
    patch: SourcePatch,
    relayHost: string,
    versions: readonly number[] | null = null,
  ): Promise<PatchedSource | Extract<PatchedSite, { kind: 'incomplete' }> | Taken | Outdated | null> {
    const log = this.#log;
    const present = log.sources.get(id);
    if (present === null) return null;
    if (versions?.includes(present.version) === false) return 'outdated';
    const taken = this.#sourceTaken(patch.uid ?? null, id);
    if (taken !== null) return taken;
    const merged = patch.site && patchSite(log.sources.site(id), patch.site, relayHost);
    if (merged?.kind === 'incomplete') return merged;
    const patched = this.#change(
      () => log.sources.patch(id, patch, merged && merged.site),
      (source) => sourceKeys(log, source),
    );
    await this.#outbox.flush(...sourceKeys(log, patched));
    return patched && { source: log.sources.view(patched), dropped: merged ? merged.dropped : [] };
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
  rotateSourceSecret(id: string, secret: string | null, overlapMs: number): Source | 'full' | null {
    const log = this.#log;
    const source = log.sources.get(id);
    if (source !== null && isFull(source.secrets, overlapMs)) return 'full';
    const text = secret ?? (source && newSecretOf(log.sources.view(source)));
    // Secrets are in no record: there is nobody to tell.
    return text === null ? null : log.sources.rotateSecret(id, text, overlapMs, Date.now());
  }

  /** `full`: too many URLs of the source would work. */
  async rotateSourceUrl(id: string, overlapMs: number): Promise<SourceView | 'full' | null> {
    const log = this.#log;
    const source = log.sources.get(id);
    if (source !== null && isFull(source.tokens, overlapMs)) return 'full';
    const before = sourceKeys(log, source);
    const keysOf = (source: Source | null) => [...new Set([...before, ...sourceKeys(log, source)])];
    const rotated = this.#change(() => log.sources.rotateToken(id, overlapMs, Date.now()), keysOf);
    await this.#outbox.flush(...keysOf(rotated));
    return rotated && log.sources.view(rotated);
  }

  async deleteSource(id: string, versions: readonly number[] | null = null): Promise<boolean | Outdated> {
    const log = this.#log;
    const present = log.sources.get(id);
    if (present !== null && versions?.includes(present.version) === false) return 'outdated';
    const deleted = this.#change(
      () => log.sources.delete(id, Date.now()),
      (source) => sourceKeys(log, source),
    );
    await this.#outbox.flush(...sourceKeys(log, deleted));
    return deleted !== null;
  }

  // Hooks

  async createHook(
    hook: NewHook,
    idempotency: Idempotency | null,
  ): Promise<Created<HookView> | Unfit | Full | Taken> {
    const problems = problemsOf(hook.config, null);
    if (problems.length > 0) return { kind: 'unfit', problems };
    const log = this.#log;
    const secret = hook.secret ?? newSecret(randomBytes(32));
    const keys = { secret, secretKeys: secretKeysFor(hook.config.signing, []) };
    return this.#createOnce(
      idempotency,
      () => this.#full('hooks') ?? this.#taken(hook.config.uid ?? null, null),
      () => {
        const registration = log.hooks.create(hook, keys, log.lastSeq, Date.now());
        return { registration, runtime: runtimeOfNew(hook.config.paused) };
      },
      ({ registration }) => hookKeys(log, registration.id),
      ({ registration }) => log.hooks.delete(registration.id, log.lastSeq, Date.now()),
    );
  }

  async getHook(id: number, scope: HookScope): Promise<HookView | null> {
    const log = this.#log;
    const hook = log.hooks.get(id, scope);
    return hook === null ? null : this.#view(hook);
  }

  /** The registration alone, with its secrets; its object is not asked. */
  registration(id: number, scope: HookScope): HookRegistration | null {
    return this.#log.hooks.get(id, scope);
  }

  /** A page of the registrations alone, with their secrets; no object is asked. It ends early at 4 MiB. */
  registrationPage(scope: HookScope, { order, after, limit }: ListQuery): HookPage {
    return this.#log.hooks.page(scope, order, after, limit);
  }

  /** A page of at most 40 hooks, each with what its object says. It ends early at 4 MiB. */
  async hookPage(scope: HookScope, { order, after, limit }: ListQuery): Promise<HookViewPage> {
    const { hooks, next } = this.#log.hooks.page(scope, order, after, Math.min(limit, HOOKS_ASKED_PER_CALL));
    return { views: await Promise.all(hooks.map((hook) => this.#view(hook))), next };
  }

  /** `relayHost` counts when the URL changes. */
  async patchHook(
    id: number,
    scope: HookScope,
    patch: HookPatch,
    secret: string | null,
    relayHost: string,
    versions: readonly number[] | null = null,
  ): Promise<PatchedHook | Unfit | Taken | Outdated | null> {
    const hook = this.#log.hooks.get(id, scope);
    if (hook === null) return null;
    if (versions?.includes(hook.version) === false) return 'outdated';
    const { config, dropped } = movedHook(hook.config, patch);
    const problems = problemsOf(config, hook.config);
    if (problems.length > 0) return { kind: 'unfit', problems };
    const taken = this.#taken(config.uid ?? null, id);
    if (taken !== null) return taken;
    const keys = secret === null ? hook : { ...hook, secret, formerSecrets: [] };
    return { ...(await this.#saveHook(hook, config, keys, relayHost)), dropped };
  }

  /**
   * `secret` null: one is generated. A hook that signs with a key pair gets a new one as well. Those before sign too for
   * `overlapMs`; `full`: too many would.
   */
  async rotateHookSecret(
    id: number,
    scope: HookScope,
    secret: string | null,
    overlapMs: number,
  ): Promise<{ readonly secret: string } | 'full' | null> {
    const hook = this.#log.hooks.get(id, scope);
    if (hook === null) return null;
    const text = secret ?? newSecret(randomBytes(32));
    const present = [{ text: hook.secret, untilMs: null }, ...hook.formerSecrets];
    const [, ...formerSecrets] = rotated(present, { text, untilMs: null }, overlapMs, Date.now());
    const secretKeys =
      hook.config.signing === 'hmac'
        ? hook.secretKeys
        : rotated(hook.secretKeys, newestSecretKey(), overlapMs, Date.now());
    if (formerSecrets.length >= LIVE_SECRETS || secretKeys.length > LIVE_SECRETS) return 'full';
    await this.#saveHook(hook, hook.config, { secret: text, formerSecrets, secretKeys }, hook.relayHost);
    return { secret: text };
  }

  /** Those that sign now, newest first; none when the hook signs with its secret alone. Null: no such hook. */
  publicKeys(id: number, scope: HookScope): PublicKey[] | null {
    const hook = this.#log.hooks.get(id, scope);
    if (hook === null) return null;
    const secretKeys = hook.config.signing === 'hmac' ? [] : hook.secretKeys;
    return secretKeys
      .filter((key) => isInForce(key, Date.now()))
      .map(({ text, untilMs }) => ({ publicKey: publicKeyOf(text), jwk: publicJwkOf(text), untilMs }));
  }

  /**
   * Sends a delivery again by hand, out of the log; `unknown-event` and null: no such event or hook. Its schedule
   * and its subject do not hold it.
   */
  async retryDelivery(
    id: number,
    scope: HookScope,
    eventId: string,
  ): Promise<RetryResult | 'unknown-event' | null> {
    const hook = this.#log.hooks.get(id, scope);
    if (hook === null) return null;
    const event = this.#log.eventById(eventId);
    if (event === null) return 'unknown-event';
    if (event.kind === 'expunged') return 'expunged';
    return hookOf(this.#host.env(), this.#log.ref, id).retry(event);
  }

  /** Puts a whole config in place of that of `version`; `outdated` when it has changed meanwhile. */
  async replaceHook(
    id: number,
    scope: HookScope,
    version: number,
    config: HookConfig,
    relayHost: string,
  ): Promise<HookView | 'outdated' | Unfit | null> {
    const hook = this.#log.hooks.get(id, scope);
    if (hook === null) return null;
    if (hook.version !== version) return 'outdated';
    const problems = problemsOf(config, hook.config);
    return problems.length > 0 ? { kind: 'unfit', problems } : this.#saveHook(hook, config, hook, relayHost);
  }

  async pauseHook(id: number, scope: HookScope): Promise<HookView | null> {
    return this.#setPaused(id, scope, true);
  }

  /** Also re-enables a disabled hook and clears its failure count. */
  async resumeHook(id: number, scope: HookScope): Promise<HookView | null> {
    const resumed = await this.#setPaused(id, scope, false);
    return resumed && this.enableHook(id, scope);
  }

  async #setPaused(id: number, scope: HookScope, paused: boolean): Promise<HookView | null> {
    const hook = this.#log.hooks.get(id, scope);
    return hook && this.#saveHook(hook, { ...hook.config, paused }, hook, hook.relayHost);
  }

  /** Re-enables a disabled hook and clears its failure count; a paused one stays paused. */
  async enableHook(id: number, scope: HookScope): Promise<HookView | null> {
    const registration = this.#log.hooks.get(id, scope);
    if (registration === null) return null;
    return { registration, runtime: await hookOf(this.#host.env(), this.#log.ref, id).enable() };
  }

  /** What it was, or null when there is no such hook. `versions`: it must have one of these; null: any. */
  async deleteHook(
    id: number,
    scope: HookScope,
    versions: readonly number[] | null = null,
  ): Promise<HookRegistration | Outdated | null> {
    const log = this.#log;
    const hook = log.hooks.get(id, scope);
    if (hook === null) return null;
    if (versions?.includes(hook.version) === false) return 'outdated';
    this.#change(
      () => log.hooks.delete(id, log.lastSeq, Date.now()),
      () => hookKeys(log, id),
    );
    await this.#outbox.flush(...hookKeys(log, id));
    return hook;
  }

  async #saveHook(
    hook: HookRegistration,
    config: HookConfig,
    keys: HookKeys,
    relayHost: string,
  ): Promise<HookView> {
    const host = config.url === hook.config.url ? hook.relayHost : relayHost;
    const withSecretKeys = { ...keys, secretKeys: secretKeysFor(config.signing, keys.secretKeys) };
    // What changes nothing makes no new version: whoever holds the ETag of this one may go on.
    const isSame =
      JSON.stringify(savedOf(hook.config, hook)) === JSON.stringify(savedOf(config, withSecretKeys));
    const updated =
      isSame && host === hook.relayHost
        ? hook
        : this.#change(
            () => this.#log.hooks.update(hook, config, withSecretKeys, host, this.#log.lastSeq, Date.now()),
            () => hookKeys(this.#log, hook.id),
          );
    await this.#outbox.flush(...hookKeys(this.#log, hook.id));
    return this.#view(updated);
  }

  async #view(registration: HookRegistration): Promise<HookView> {
    return { registration, runtime: await this.runtimeOf(registration.id) };
  }

  /** Its object may not know of the hook yet when a crash came in between; then it is told first. */
  async runtimeOf(hookId: number): Promise<HookRuntime> {
    await this.#outbox.flush(hookObjectKey(hookId));
    return hookOf(this.#host.env(), this.#log.ref, hookId).runtime();
  }

  /**
   * Changes registrations and notes in the same commit under which keys that is to be told. A statement that fails
   * leaves the disk as it was but perhaps not memory: the object then starts over from the disk.
   */
  #change<T>(change: () => T, keysOf: (changed: T) => readonly string[]): T {
    let changed: T;
    try {
      changed = this.#storage.transactionSync(() => {
        const made = change();
        this.#outbox.add(...keysOf(made));
        return made;
      });
    } catch (error) {
      this.#abort(`registration change failed: ${String(error)}`);
      throw error;
    }
    this.#host.changed();
    return changed;
  }

  /** Makes something once for an idempotency key, and tells of it. Repeated, it answers what it answered. */
  async #createOnce<T extends object, R extends Full | Taken>(
    idempotency: Idempotency | null,
    refusal: () => R | null,
    create: () => T,
    keysOf: (made: T) => readonly string[],
    undo: (made: T) => unknown,
  ): Promise<Created<T> | R> {
    const answered = idempotency && this.#log.answers.find<T>(idempotency, Date.now());
    if (answered !== null) {
      if (answered.kind === 'mismatch') return answered;
      await this.#outbox.flush(...keysOf(answered.value));
      // The call that made it may have failed meanwhile and undone it.
      if (idempotency && this.#log.answers.find(idempotency, Date.now()) === null) {
        throw new Error('what the same call made before could not be told and was undone');
      }
      return answered;
    }
    const refused = refusal();
    if (refused !== null) return refused;
    const remembered = () => {
      const made = create();
      if (idempotency !== null) this.#log.answers.remember(idempotency, made, Date.now());
      return made;
    };
    const made = this.#change(remembered, keysOf);
    const forgotten = () => {
      undo(made);
      if (idempotency !== null) this.#log.answers.forget(idempotency);
    };
    await this.#tellCreated(forgotten, keysOf(made));
    return { kind: 'created', value: made };
  }

  /** Null: no other source has this `uid`. */
  #sourceTaken(uid: string | null, ownId: string | null): Taken | null {
    const id = uid === null ? null : this.#log.sources.idOfUid(uid);
    return uid === null || id === null || id === ownId ? null : { kind: 'taken', what: 'sources', uid };
  }

  /** Null: no other hook has this `uid`. */
  #taken(uid: string | null, ownId: number | null): Taken | null {
    const id = uid === null ? null : this.#log.hooks.idOfUid(uid);
    return uid === null || id === null || id === ownId ? null : { kind: 'taken', what: 'hooks', uid };
  }

  /** Null: one more is within the tenant's quota. */
  #full(what: Registered): Full | null {
    const most = this.#host.quotas()[what];
    const { hooks, sources, keys } = this.#log;
    const count = what === 'sources' ? sources.count : (what === 'hooks' ? hooks : keys).count(most);
    return count < most ? null : { kind: 'full', what, most };
  }

  /** Tells of something new. What could not be told was never there, so that the caller may try again. */
  async #tellCreated(undo: () => unknown, keys: readonly string[]): Promise<void> {
    try {
      await this.#outbox.flush(...keys);
    } catch (error) {
      this.#change(undo, () => keys);
      throw error;
    }
  }

  async #tellNow(key: string): Promise<void> {
    // What began before the log closed ends before anything is erased; nothing begins after.
    if (!this.#host.isOpen()) throw new Error(TENANT_GONE);
    if (key.startsWith(HOOK_OBJECT)) {
      const hook = this.#log.hooks.find(Number(key.slice(HOOK_OBJECT.length)));
      if (hook === null) return;
      const call = hookOf(this.#host.env(), this.#log.ref, hook.id).configure(this.#log.ref, hook);
      // It ignores what is older than what it has: a call that lands late does no harm.
      await withDeadline(call, CONFIGURE_DEADLINE_MS);
      return;
    }
    await writeRecord(this.#host.env().REGISTRY, key, recordOf(this.#log, key, Date.now()));
  }
}

/** Why a configuration is not taken. `before`: what it replaces; null: nothing. */
function problemsOf(config: HookConfig, before: HookConfig | null): BoundProblem[] {
  return [...boundProblems(config, before), ...shapeProblems(config, before)];
}

const HOOK_OBJECT = 'object:hook:';

function hookObjectKey(hookId: number): string {
  return `${HOOK_OBJECT}${hookId}`;
}

function hookKeys(log: OpenLog, hookId: number): string[] {
  return [hookObjectKey(hookId), hookRecordKey(log.ref.tenant, hookId)];
}

/** Null: none is made for its provider. */
function newSecretOf({ provider, options = {}, recipe = null }: NewSource | SourceView): string | null {
  return providerOf({ provider, options, recipe })?.newSecret(randomBytes(32)) ?? null;
}

function sourceKeys(log: OpenLog, source: Source | null): string[] {
  if (source === null) return [];
  return [
    sourceRecordKey(log.ref.tenant, source.id),
    ...source.tokens.map(({ hash }) => tokenRecordKey(hash)),
  ];
}

function savedOf(config: HookConfig, { secret, formerSecrets, secretKeys }: HookKeys): unknown[] {
  return [{ ...HOOK_DEFAULTS, ...config }, secret, formerSecrets, secretKeys];
}

/** A hook's first key pair is made when it is first to sign with one; it keeps it when it does so no longer. */
function secretKeysFor(signing: Signing, present: readonly EndingSecret[]): readonly EndingSecret[] {
  return signing === 'hmac' || present.length > 0 ? present : [newestSecretKey()];
}

function newestSecretKey(): EndingSecret {
  return { text: newSecretKey(randomBytes(32)), untilMs: null };
}

/** Would those that are in force, with one more in front, be too many? */
function isFull(present: readonly Ending[], overlapMs: number): boolean {
  const nowMs = Date.now();
  return rotated<Ending>(present, { untilMs: null }, overlapMs, nowMs).length > LIVE_SECRETS;
}

/** Of a hook that has just been made; its object says the same. */
function runtimeOfNew(paused: boolean): HookRuntime {
  return {
    state: paused ? 'paused' : 'active',
    stateReason: paused ? 'paused' : null,
    pending: 0,
    delivered: 0,
    dead: 0,
    waiting: paused ? { reason: 'paused', untilMs: null } : null,
    consecutiveFailures: 0,
    oldestPendingAtMs: null,
    lastSuccessAtMs: null,
    lastFailureAtMs: null,
    lastError: null,
    lastAnswer: null,
    calls: 0,
    errors: 0,
  };
}
