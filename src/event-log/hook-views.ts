/**
 * Lists of hooks with how they stand. An object is asked only where that may have changed since its summary was told, and
 * a few at a time; one that is not asked or does not answer is shown by its summary.
 */
import type { HookStanding } from '../hook/reports.ts';
import { isAtRest, type HookRuntime } from '../hook/runtime.ts';
import { withDeadline } from '../storage/deadline.ts';
import type { HookRegistration } from '../core/hook-registration.ts';
import type { HookScope, NamedHook } from './hook-scope.ts';
import type { HookView, HookViewPage } from './hook-reader.ts';
import type { ListQuery } from './list-query.ts';
import type { OpenLog } from './open-log.ts';
import { newSummary, runtimeWith, type Summary } from './summaries.ts';

/** One subrequest each, of the 50 that the smallest plan allows an invocation. */
export const HOOKS_ASKED_PER_CALL = 40;
/** A list waits no longer for an object. */
const ANSWER_WITHIN_MS = 2_000;
/** One that did not answer is left alone for so long. */
const SILENT_MS = 60_000;
const SILENT_REMEMBERED = 1_000;
/** What was foreseen and has not come about is reported within this. */
const CONFIRMED_AFTER_MS = 60_000;
/** Where there are too many to ask them all, whoever has told something since is not asked. */
const OLD_AFTER_MS = 50_000;
/** Hooks that a filter looks at in one page. */
const LOOKED_AT = 2_000;
/** Of configurations in one page. */
const PAGE_CHARACTERS = 4_000_000;

/** null: whichever. */
export interface HookFilter extends NamedHook {
  readonly state: HookRuntime['state'] | null;
  readonly failing: boolean | null;
}

export const ANY_HOOK: HookFilter = { state: null, failing: null, uid: null, name: null, url: null };

export interface HookViewsHost {
  /** Asks the object how it stands. */
  ask(hookId: number): Promise<HookStanding>;
  nowMs(): number;
}

/** A hook and what is known of it without asking. */
export interface KnownHook {
  readonly id: number;
  readonly name: string;
  /** The key it was made with; null: the operator's. */
  readonly keyId: string | null;
  readonly paused: boolean;
  /** null: it never said anything, or that was lost. */
  readonly summary: Summary | null;
}

type Known = Omit<KnownHook, 'name' | 'keyId'>;

export class HookViews {
  readonly #log: OpenLog;
  readonly #host: HookViewsHost;
  /** Those that did not answer, until when nobody asks them again. */
  readonly #silent = new Map<number, number>();

  constructor(log: OpenLog, host: HookViewsHost) {
    this.#log = log;
    this.#host = host;
  }

  /** A page of hooks. It ends early at 4 MiB, or where a filter has looked at 2,000 of them. */
  async page(scope: HookScope, query: ListQuery, filter: HookFilter): Promise<HookViewPage> {
    const { order, limit } = query;
    const views: HookView[] = [];
    const isByState = filter.state !== null || filter.failing !== null;
    let calls = HOOKS_ASKED_PER_CALL;
    let characters = 0;
    let after = query.after;
    for (let lookedAt = 0; ;) {
      const { hooks, next } = this.#log.hooks.lists.page(scope, order, after, limit, filter);
      const known = hooks.map((hook) => this.#known(hook));
      const asked = this.#toAsk(known, calls, scope.dialect === 'superoffice');
      calls -= asked.length;
      const runtimes = await this.#runtimes(known, asked);
      for (const registration of hooks) {
        const runtime = runtimes.get(registration.id);
        if (runtime === undefined || !passes(runtime, filter)) continue;
        const last = views.at(-1);
        characters += JSON.stringify(registration.config).length;
        const isFull = views.length === limit || characters > PAGE_CHARACTERS;
        if (isFull && last !== undefined) return { views, next: last.registration.id };
        views.push({ registration, runtime });
      }
      lookedAt += limit;
      after = next;
      if (after === null || !isByState || views.length === limit || lookedAt >= LOOKED_AT)
        return { views, next: after };
    }
  }

  /** How each of these stands. No more than 40 objects are asked. */
  runtimes(hooks: readonly Known[]): Promise<Map<number, HookRuntime>> {
    return this.#runtimes(hooks, this.#toAsk(hooks, HOOKS_ASKED_PER_CALL, false));
  }

  /** Up to `limit` living hooks above this one, with what is known of them. */
  known(afterId: number, limit: number): KnownHook[] {
    const { hooks, summaries } = this.#log;
    return hooks.lists.outlines(afterId, limit).map((hook) => ({ ...hook, summary: summaries.get(hook.id) }));
  }

  /** As it is known now. */
  runtimeOf({ paused, summary }: Known): HookRuntime {
    return runtimeWith(summary ?? newSummary(paused), paused);
  }

  /** May it stand otherwise than its summary says? */
  isMoving({ id, summary }: Known): boolean {
    const foreseenMs = this.#log.summaries.foreseenAtMs(id);
    if (summary === null) return foreseenMs !== null || this.#log.offered.has(id);
    const isFresh = foreseenMs !== null && this.#host.nowMs() - foreseenMs < CONFIRMED_AFTER_MS;
    return isFresh || !isAtRest(summary);
  }

  #known({ id, config: { paused } }: HookRegistration): Known {
    return { id, paused, summary: this.#log.summaries.get(id) };
  }

  /** `isAnswerShown`: what the receiver answered last is not in the summary. */
  #toAsk(hooks: readonly Known[], calls: number, isAnswerShown: boolean): number[] {
    const nowMs = this.#host.nowMs();
    const moving = hooks.filter(
      (hook) =>
        (this.#silent.get(hook.id) ?? 0) <= nowMs &&
        (this.isMoving(hook) || (isAnswerShown && (hook.summary?.lastFailureAtMs ?? null) !== null)),
    );
    if (moving.length <= calls) return moving.map(({ id }) => id);
    // Each has told whatever is news. Of the rest, those whose word is oldest: the next lists ask the others.
    const isOld = ({ summary }: Known) => summary === null || toldMs(summary) < nowMs - OLD_AFTER_MS;
    const oldest = moving.filter(isOld).sort((a, b) => toldMs(a.summary) - toldMs(b.summary));
    return oldest.slice(0, calls).map(({ id }) => id);
  }

  async #runtimes(hooks: readonly Known[], asked: readonly number[]): Promise<Map<number, HookRuntime>> {
    const answers = new Map(
      await Promise.all(asked.map(async (id) => [id, await this.#answerOf(id)] as const)),
    );
    return new Map(hooks.map((hook) => [hook.id, answers.get(hook.id) ?? this.runtimeOf(hook)]));
  }

  /** null: it does not answer. What it says later is noted all the same. */
  async #answerOf(hookId: number): Promise<HookRuntime | null> {
    try {
      return await withDeadline(this.#host.ask(hookId), ANSWER_WITHIN_MS);
    } catch (error) {
      console.warn('hook does not say how it stands', { hookId, error: String(error) });
      if (this.#silent.size >= SILENT_REMEMBERED) this.#silent.clear();
      this.#silent.set(hookId, this.#host.nowMs() + SILENT_MS);
      return null;
    }
  }
}

/** About when it was said: the numbers of what a hook says are times, save that none comes twice. */
function toldMs(summary: Summary | null): number {
  return summary?.number ?? 0;
}

function passes(runtime: HookRuntime, { state, failing }: HookFilter): boolean {
  return (state === null || runtime.state === state) && (failing === null || runtime.isFailing === failing);
}
