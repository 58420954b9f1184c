/**
 * The part of a round of retention in which registrations are forgotten that nothing refers to any more: deleted hooks with
 * their objects, what hooks wanted in a part of the log that is gone, deleted sources, revoked keys, old answers. It goes on
 * a step at a time, and a hook whose object cannot be erased keeps no other.
 */
import { withDeadline } from '../storage/deadline.ts';
import type { OpenLog } from './open-log.ts';

export interface ForgettingHost {
  /** Leaves nothing of a deleted hook. False: it has still to be told something. */
  eraseHook(hookId: number): Promise<boolean>;
  /** It has still to be offered events. */
  isLagging(hookId: number): boolean;
  readonly deadlineMs: number;
}

/** What was deleted before this may go, if nothing from `firstSeq` on refers to it. */
export interface ForgottenBefore {
  readonly oldMs: number;
  readonly firstSeq: number;
  /** Of the first event that is left. */
  readonly firstAtMs: number;
}

const SOURCES_AT_ONCE = 100;
const HOOKS_LOOKED_AT = 1_000;

export class Forgetting {
  readonly #log: OpenLog;
  readonly #before: ForgottenBefore;
  readonly #host: ForgettingHost;
  #stage: 'hooks' | 'wishes' | 'others' = 'hooks';
  #afterHook = 0;
  #afterSource = 0;

  constructor(log: OpenLog, before: ForgottenBefore, host: ForgettingHost) {
    this.#log = log;
    this.#before = before;
    this.#host = host;
  }

  /** One step, with up to so many calls. True when that was all. */
  async goOn(calls: number): Promise<boolean> {
    if (this.#stage === 'hooks') {
      if (!(await this.#forgetHooks(calls))) return false;
      this.#stage = 'wishes';
    }
    if (this.#stage === 'wishes') {
      if (!this.#log.hooks.wishes.kept.forgetBefore(this.#before.firstSeq)) return false;
      this.#stage = 'others';
    }
    this.#log.answers.forgetOld(Date.now());
    this.#log.keys.forgetRevoked(this.#before.oldMs);
    return this.#forgetSources();
  }

  async #forgetHooks(calls: number): Promise<boolean> {
    const { hooks, offered, summaries, hours } = this.#log;
    const { oldMs, firstSeq } = this.#before;
    const hookIds = hooks.lists.forgettable(oldMs, firstSeq, this.#afterHook, calls);
    await Promise.all(
      hookIds.map(async (hookId) => {
        if (this.#host.isLagging(hookId)) return;
        try {
          if (!(await withDeadline(this.#host.eraseHook(hookId), this.#host.deadlineMs))) return;
        } catch (error) {
          console.warn('deleted hook not erased yet', { hookId, error: String(error) });
          return;
        }
        hooks.forget(hookId);
        offered.forget(hookId);
        hours.forgetHook(summaries.forget(hookId));
      }),
    );
    this.#afterHook = hookIds.at(-1) ?? this.#afterHook;
    return hookIds.length < calls;
  }

  /** Other calls come in between the pages. */
  async #forgetSources(): Promise<boolean> {
    const { hooks, sources } = this.#log;
    const { oldMs, firstAtMs } = this.#before;
    const deleted = sources.rows.deletedBefore(
      Math.min(oldMs, firstAtMs),
      this.#afterSource,
      SOURCES_AT_ONCE,
    );
    const unnamed = new Set(deleted.map(({ id }) => id));
    for (let after: number | null = 0; after !== null && unnamed.size > 0;) {
      const { named, next } = hooks.lists.sourcesNamed(after, HOOKS_LOOKED_AT);
      for (const id of named) unnamed.delete(id);
      after = next;
      if (after !== null) await scheduler.wait(0);
    }
    for (const id of unnamed) sources.rows.forget(id);
    this.#afterSource = deleted.at(-1)?.n ?? this.#afterSource;
    return deleted.length < SOURCES_AT_ONCE;
  }
}
