/** A tenant's hooks as they are: what is registered, and how their objects stand. */
import type { Attribution } from '../core/audit-chain.ts';
import type { HookRegistration } from '../core/hook-registration.ts';
import { isInForce } from '../core/rotation.ts';
import type { EventLogEnv } from './env.ts';
import type { HookStanding } from '../hook/reports.ts';
import type { HookRuntime } from '../hook/runtime.ts';
import { hookOf } from '../registry/address.ts';
import type { Changes } from './changes.ts';
import { publicKeysOf, type PublicKey } from './hook-keys.ts';
import type { HookPage } from './hook-lists.ts';
import type { HookScope } from './hook-scope.ts';
import type { ListQuery } from './list-query.ts';
import type { OpenLog } from './open-log.ts';
import { hookObjectKey } from './telling.ts';

export interface HookView {
  readonly registration: HookRegistration;
  readonly runtime: HookRuntime;
}

/** A part of a list. */
export interface HookViewPage {
  readonly views: readonly HookView[];
  /** Id of the hook after which the next page begins; null: there are no more. */
  readonly next: number | null;
}

export class HookReader {
  readonly #log: OpenLog;
  readonly #changes: Changes;
  readonly #env: () => EventLogEnv;

  constructor(log: OpenLog, changes: Changes, env: () => EventLogEnv) {
    this.#log = log;
    this.#changes = changes;
    this.#env = env;
  }

  async getHook(id: number, scope: HookScope): Promise<HookView | null> {
    const hook = this.#log.hooks.get(id, scope);
    return hook === null ? null : this.view(hook);
  }

  /** The registration alone, with its secrets; its object is not asked. */
  registration(id: number, scope: HookScope): HookRegistration | null {
    return this.#log.hooks.get(id, scope);
  }

  /** The same for its secret: that it was read is in the audit when this returns. */
  readHook(id: number, scope: HookScope, by: Attribution): HookRegistration | null {
    const hook = this.registration(id, scope);
    if (hook !== null) this.#log.audit.add(by, `hook/${id}`, null, null);
    return hook;
  }

  /** A page of the registrations alone, with their secrets; no object is asked. It ends early at 4 MiB. */
  registrationPage(scope: HookScope, { order, after, limit }: ListQuery): HookPage {
    return this.#log.hooks.lists.page(scope, order, after, limit);
  }

  /** Those that sign now, newest first; none when the hook signs with its secret alone. Null: no such hook. */
  publicKeys(id: number, scope: HookScope): PublicKey[] | null {
    const hook = this.#log.hooks.get(id, scope);
    return hook && publicKeysOf(hook, (key) => isInForce(key, Date.now()));
  }

  /** Its object may not know of the hook as it stands when a crash came in between; then it is told first. */
  async standingOf(hookId: number): Promise<HookStanding> {
    await this.#changes.tell(hookObjectKey(hookId));
    const standing = await hookOf(this.#env(), this.#log.ref, hookId).standing();
    this.#log.summaries.told(hookId, standing);
    return standing;
  }

  async view(registration: HookRegistration): Promise<HookView> {
    return { registration, runtime: await this.standingOf(registration.id) };
  }
}
