/** The tenant's hooks: made, changed, listed, deleted. What each change is, not how it is carried out (changes.ts). */
import { changedMembers, type Attribution } from '../core/audit-chain.ts';
import type { HookConfig, HookPatch } from '../core/hook-config.ts';
import type { HookRegistration, NewHook } from '../core/hook-registration.ts';
import { movedHook } from '../core/move.ts';
import { rotated } from '../core/rotation.ts';
import { newSecret } from '../core/signature.ts';
import type { EventLogEnv } from './env.ts';
import type { RetryResult } from '../hook/by-hand.ts';
import { runtimeOfNew, type HookRuntime } from '../hook/runtime.ts';
import { randomBytes } from '../random.ts';
import { hookOf } from '../registry/address.ts';
import { BY_RELAY } from './audit.ts';
import { auditedHook } from './audited.ts';
import type { Changes, Instead, Plan } from './changes.ts';
import { newestSecretKey, secretKeysFor } from './hook-keys.ts';
import { problemsOf, savedHook, withPaused, type Saved } from './hook-change.ts';
import type { HookReader, HookView } from './hook-reader.ts';
import type { HookScope } from './hook-scope.ts';
import type { Created, Idempotency } from './idempotency.ts';
import { Once } from './once.ts';
import type { OpenLog } from './open-log.ts';
import { fullOf } from './quota.ts';
import { hookRecord } from './records.ts';
import { LIVE_SECRETS, type Full, type Outdated, type Quotas, type Taken, type Unfit } from './refused.ts';
import { hookKeys, type Telling } from './telling.ts';

/** `dropped`: write-only members that stayed behind when it was pointed at another host. */
export interface PatchedHook extends HookView {
  readonly dropped: readonly string[];
}

export class HookRegistrar {
  readonly #log: OpenLog;
  readonly #changes: Changes;
  readonly #telling: Telling;
  readonly #reader: HookReader;
  readonly #env: () => EventLogEnv;
  readonly #quotas: () => Quotas;
  readonly #once: Once;

  constructor(
    log: OpenLog,
    changes: Changes,
    telling: Telling,
    reader: HookReader,
    env: () => EventLogEnv,
    quotas: () => Quotas,
  ) {
    this.#log = log;
    this.#changes = changes;
    this.#telling = telling;
    this.#reader = reader;
    this.#env = env;
    this.#quotas = quotas;
    this.#once = new Once(log.answers);
  }

  async createHook(
    hook: NewHook,
    idempotency: Idempotency | null,
    by: Attribution = BY_RELAY,
  ): Promise<Created<HookView> | Unfit | Full | Taken> {
    const problems = problemsOf(hook.config, null);
    if (problems.length > 0) return { kind: 'unfit', problems };
    return this.#once.run<HookView, Full | Taken>(idempotency, (remember) =>
      this.#create(hook, remember, by),
    );
  }

  async #create(
    hook: NewHook,
    remember: (made: HookView, what: string) => void,
    by: Attribution,
  ): Promise<Created<HookView> | Full | Taken> {
    const { hooks, ref } = this.#log;
    const refusal = () =>
      fullOf(this.#log, 'hooks', this.#quotas()) ?? this.#taken(hook.config.uid ?? null, null);
    const refused = refusal();
    if (refused !== null) return refused;
    const secret = hook.secret ?? newSecret(randomBytes(32));
    const secretKeys = secretKeysFor(hook.config.signing, []);
    const reserve = (): Plan<Created<HookView>> => {
      const reserved = hooks.reserve(hook, { secret, secretKeys }, Date.now());
      const telling = hooks.rows.nextTelling(reserved.id);
      const made = { ...reserved, deletedAtMs: null };
      const [object, record] = hookKeys(ref.tenant, reserved.id);
      return {
        keys: [object, record],
        tell: async (key) => {
          await (key === object
            ? this.#telling.hook(made, telling)
            : this.#telling.record(key, hookRecord(made)));
        },
        commit: () => {
          const registration = hooks.appear(reserved, telling, this.#log.lastSeq);
          const view = { registration, runtime: runtimeOfNew(hook.config) };
          remember(view, madeHook(reserved.id));
          this.#log.audit.add(by, `hook/${registration.id}`, null, auditedHook(registration).shown);
          return { kind: 'created', value: view };
        },
      };
    };
    return this.#changes.makeNew(reserve, refusal);
  }

  /** `relayHost` counts when the URL changes. `versions`: it must have one of these; null: any. */
  async patchHook(
    id: number,
    scope: HookScope,
    patch: HookPatch,
    secret: string | null,
    relayHost: string,
    versions: readonly number[] | null = null,
    by: Attribution = BY_RELAY,
  ): Promise<PatchedHook | Unfit | Taken | Outdated | null> {
    let dropped: readonly string[] = [];
    const patched = await this.#change<Unfit | Taken | Outdated>(id, scope, by, (hook) => {
      if (versions?.includes(hook.version) === false) return { instead: 'outdated' };
      const moved = movedHook(hook.config, patch);
      ({ dropped } = moved);
      const refused = this.#refusalOf(hook, moved.config);
      if (refused !== null) return { instead: refused };
      const keys = secret === null ? hook : { ...hook, secret, formerSecrets: [] };
      return { config: moved.config, keys, relayHost };
    });
    return isView(patched) ? { ...patched, dropped } : patched;
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
    by: Attribution = BY_RELAY,
  ): Promise<{ readonly secret: string } | 'full' | null> {
    const text = secret ?? newSecret(randomBytes(32));
    const changed = await this.#change<'full'>(id, scope, by, (hook) => {
      const nowMs = Date.now();
      const present = [{ text: hook.secret, untilMs: null }, ...hook.formerSecrets];
      const [, ...formerSecrets] = rotated(present, { text, untilMs: null }, overlapMs, nowMs);
      const isPlain = hook.config.signing === 'hmac';
      const secretKeys = isPlain
        ? hook.secretKeys
        : rotated(hook.secretKeys, newestSecretKey(), overlapMs, nowMs);
      if (formerSecrets.length >= LIVE_SECRETS || secretKeys.length > LIVE_SECRETS)
        return { instead: 'full' };
      const keys = { secret: text, formerSecrets, secretKeys };
      return { config: hook.config, keys, relayHost: hook.relayHost };
    });
    return isView(changed) ? { secret: text } : changed;
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
    return hookOf(this.#env(), this.#log.ref, id).retry(event);
  }

  /**
   * Puts a whole config in place of that of `version`; `outdated` when it has changed meanwhile. `isEnabled`: it goes on, if
   * it was disabled, and its failures are forgotten.
   */
  async replaceHook(
    id: number,
    scope: HookScope,
    version: number,
    config: HookConfig,
    relayHost: string,
    isEnabled: boolean,
    by: Attribution = BY_RELAY,
  ): Promise<HookView | Outdated | Unfit | null> {
    return this.#change<Outdated | Unfit>(id, scope, by, (hook) => {
      if (hook.version !== version) return { instead: 'outdated' };
      const problems = problemsOf(config, hook.config);
      if (problems.length > 0) return { instead: { kind: 'unfit', problems } };
      return { config, keys: hook, relayHost, isEnabled };
    });
  }

  async pauseHook(id: number, scope: HookScope, by: Attribution = BY_RELAY): Promise<HookView | null> {
    return this.#change<never>(id, scope, by, (hook) => withPaused(hook, true));
  }

  /** Also re-enables a disabled hook and clears its failure count. */
  async resumeHook(id: number, scope: HookScope, by: Attribution = BY_RELAY): Promise<HookView | null> {
    return this.#change<never>(id, scope, by, (hook) => ({ ...withPaused(hook, false), isEnabled: true }));
  }

  /**
   * What it was, or null when there is no such hook. `versions`: it must have one of these; null: any. Its object is told
   * first to send nothing, which can be taken back, and of the deletion, which cancels its queue, when that stands.
   */
  async deleteHook(
    id: number,
    scope: HookScope,
    versions: readonly number[] | null = null,
    by: Attribution = BY_RELAY,
  ): Promise<HookRegistration | Outdated | null> {
    const { hooks, ref } = this.#log;
    const [object, record] = hookKeys(ref.tenant, id);
    const deleted = await this.#changes.make<HookRegistration, Outdated | null>(object, () => {
      const hook = hooks.get(id, scope);
      if (hook === null) return { instead: null };
      if (versions?.includes(hook.version) === false) return { instead: 'outdated' };
      const stopped = { ...hook, config: { ...hook.config, paused: true } };
      return {
        keys: [object, record],
        left: [object],
        tell: async (key) => {
          await (key === object
            ? this.#telling.hook(stopped, hooks.rows.nextTelling(id))
            : this.#telling.record(key, null));
        },
        commit: () => {
          hooks.delete(id, this.#log.lastSeq, Date.now());
          this.#log.answers.forgetMade(madeHook(id));
          this.#log.audit.add(by, `hook/${id}`, auditedHook(hook).shown, null);
          return hook;
        },
      };
    });
    if (deleted !== null && deleted !== 'outdated') await this.#tellLater(object);
    return deleted;
  }

  /** Leaves nothing of a deleted hook but its registration. False: somebody has still to be told of it. */
  async eraseHook(id: number): Promise<boolean> {
    const { ref } = this.#log;
    if (hookKeys(ref.tenant, id).some((key) => this.#changes.isNoted(key))) return false;
    await hookOf(this.#env(), ref, id).erase();
    return true;
  }

  /** One change of a hook: `next` says what it is to be, of how it is when no other change of it is under way. */
  async #change<R>(
    id: number,
    scope: HookScope,
    by: Attribution,
    next: (hook: HookRegistration) => Saved | Instead<R>,
  ): Promise<HookView | R | null> {
    const { hooks, ref } = this.#log;
    const [object, record] = hookKeys(ref.tenant, id);
    const changed = await this.#changes.make<HookView, R | HookRegistration | null>(object, () => {
      const hook = hooks.get(id, scope);
      if (hook === null) return { instead: null };
      const saved = next(hook);
      if ('instead' in saved) return saved;
      const { registration, isSame } = savedHook(hook, saved);
      // What changes nothing makes no new version: whoever holds the ETag of this one may go on.
      if (isSame && saved.isEnabled !== true) return { instead: hook };
      return this.#planOf(hook, registration, isSame, saved.isEnabled === true, [object, record], by);
    });
    return isRegistration(changed) ? this.#reader.view(changed) : changed;
  }

  #planOf(
    before: HookRegistration,
    next: HookRegistration,
    isSame: boolean,
    isEnabled: boolean,
    [object, record]: readonly [string, string],
    by: Attribution,
  ): Plan<HookView> {
    const { hooks } = this.#log;
    const telling = hooks.rows.nextTelling(next.id);
    const registration = isSame ? before : { ...next, version: telling };
    let runtime: HookRuntime | null = null;
    return {
      keys: [object, record],
      tell: async (key) => {
        if (key === object) runtime = await this.#telling.hook(registration, telling, isEnabled);
        else await this.#telling.record(key, hookRecord(registration));
      },
      commit: () => {
        if (!isSame) hooks.save(before, registration, this.#log.lastSeq);
        const members = changedMembers(auditedHook(before), auditedHook(registration));
        this.#log.audit.add(by, `hook/${next.id}`, members.before, members.after);
        return { registration, runtime: runtime ?? runtimeOfNew(registration.config) };
      },
    };
  }

  /** What stands is told by the alarm when it cannot be told now. */
  async #tellLater(key: string): Promise<void> {
    try {
      await this.#changes.tell(key);
    } catch (error) {
      console.warn('deletion not told yet', { tenant: this.#log.ref.tenant, error: String(error) });
    }
  }

  #refusalOf(hook: HookRegistration, config: HookConfig): Unfit | Taken | null {
    const problems = problemsOf(config, hook.config);
    if (problems.length > 0) return { kind: 'unfit', problems };
    return this.#taken(config.uid ?? null, hook.id);
  }

  /** Null: no other hook has this `uid`. */
  #taken(uid: string | null, ownId: number | null): Taken | null {
    const id = uid === null ? null : this.#log.hooks.lists.idOfUid(uid);
    return uid === null || id === null || id === ownId ? null : { kind: 'taken', what: 'hooks', uid };
  }
}

function madeHook(id: number): string {
  return `hook ${id}`;
}

function isView(result: unknown): result is HookView {
  return typeof result === 'object' && result !== null && 'runtime' in result;
}

function isRegistration(result: unknown): result is HookRegistration {
  return typeof result === 'object' && result !== null && 'relayHost' in result;
}
