/** What a registration is outside of its log: KV records, and for a hook the registration in its object. */
import type { EventLogEnv } from './env.ts';
import type { HookStanding } from '../hook/reports.ts';
import { hookOf } from '../registry/address.ts';
import { hookRecordKey, writeRecord } from '../registry/records.ts';
import { withDeadline } from '../storage/deadline.ts';
import { hookOfSockets } from './connected-keys.ts';
import type { HookRegistration } from '../core/hook-registration.ts';
import type { OpenLog } from './open-log.ts';
import { recordOf } from './records.ts';

/** Of a hook object that hangs the caller is told in time that it could not be told. */
const CONFIGURE_DEADLINE_MS = 10_000;
/** In front of the keys under which objects of hooks are told. */
export const HOOK_OBJECT = 'object:hook:';

export class Telling {
  readonly #log: OpenLog;
  readonly #env: () => EventLogEnv;

  constructor(log: OpenLog, env: () => EventLogEnv) {
    this.#log = log;
    this.#env = env;
  }

  /** Under this key, what stands. */
  async present(key: string): Promise<void> {
    const connectedHook = hookOfSockets(key);
    if (connectedHook !== null) {
      await this.#revoked(connectedHook);
      return;
    }
    if (!key.startsWith(HOOK_OBJECT)) {
      await this.record(key, recordOf(this.#log, key, Date.now()));
      return;
    }
    const { hooks } = this.#log;
    const hook = hooks.find(Number(key.slice(HOOK_OBJECT.length)));
    if (hook !== null) await this.hook(hook, hooks.rows.nextTelling(hook.id));
  }

  /** null: there is none (any more). */
  async record(key: string, record: object | null): Promise<void> {
    await writeRecord(this.#env().REGISTRY, key, record);
  }

  /**
   * `telling`: a number above all that its object was told before; it ignores what is older than what it has, so that a
   * call that lands late does no harm. Answers how the hook stands with it.
   */
  async hook(hook: HookRegistration, telling: number, isEnabled = false): Promise<HookStanding> {
    const told = { ...hook, version: telling };
    const call = hookOf(this.#env(), this.#log.ref, hook.id).configure(this.#log.ref, told, isEnabled);
    const standing = await withDeadline(call, CONFIGURE_DEADLINE_MS);
    if (hook.deletedAtMs === null) this.#log.summaries.told(hook.id, standing);
    return standing;
  }

  /** Whoever is connected to a hook by a key that has been revoked is no longer. */
  async #revoked(hookId: number): Promise<void> {
    const { connectedKeys, ref } = this.#log;
    const keyIds = connectedKeys.revokedOf(hookId);
    await withDeadline(hookOf(this.#env(), ref, hookId).dropKeys(keyIds), CONFIGURE_DEADLINE_MS);
    connectedKeys.forget(hookId, keyIds);
  }
}

export function hookObjectKey(hookId: number): string {
  return `${HOOK_OBJECT}${hookId}`;
}

export function hookKeys(tenant: string, hookId: number): [object: string, record: string] {
  return [hookObjectKey(hookId), hookRecordKey(tenant, hookId)];
}
