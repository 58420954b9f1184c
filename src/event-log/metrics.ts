/** What the log knows of its tenant without asking anybody, as figures for a monitoring system. */
import type { HookRuntime } from '../hook/runtime.ts';
import type { HookViews, KnownHook } from './hook-views.ts';
import type { OpenLog } from './open-log.ts';
import type { SourceStats } from './source-stats.ts';
import { hasTrouble } from './trouble.ts';

/** So many hooks have figures of their own; those with trouble before the others. */
const HOOKS_SHOWN = 2_000;
const HOOKS_READ_AT_ONCE = 500;

export interface HookFigures {
  readonly id: number;
  readonly runtime: HookRuntime;
}

export interface TenantMetrics {
  readonly tenant: string;
  readonly accepted: number;
  readonly hooks: Readonly<Record<HookRuntime['state'] | 'failing', number>>;
  readonly pending: number;
  readonly oldestPendingAtMs: number | null;
  readonly sources: readonly { readonly id: string; readonly stats: SourceStats }[];
  readonly shown: readonly HookFigures[];
  /** Hooks that have no figures of their own. */
  readonly omitted: number;
}

export function metricsOf(log: OpenLog, views: HookViews): TenantMetrics {
  const hooks = { active: 0, paused: 0, disabled: 0, failing: 0 };
  const troubled: HookFigures[] = [];
  const others: HookFigures[] = [];
  let count = 0;
  let pending = 0;
  let oldestPendingAtMs: number | null = null;
  for (let after: number | null = 0; after !== null;) {
    const some: KnownHook[] = views.known(after, HOOKS_READ_AT_ONCE);
    for (const hook of some) {
      const runtime = views.runtimeOf(hook);
      count += 1;
      hooks[runtime.state] += 1;
      if (runtime.isFailing) hooks.failing += 1;
      pending += runtime.pending;
      const { oldestPendingAtMs: oldest } = runtime;
      if (oldest !== null) oldestPendingAtMs = Math.min(oldest, oldestPendingAtMs ?? oldest);
      const kept = hasTrouble(runtime) ? troubled : others;
      if (kept.length < HOOKS_SHOWN) kept.push({ id: hook.id, runtime });
    }
    after = some.at(-1)?.id ?? null;
  }
  const shown = [...troubled, ...others].slice(0, HOOKS_SHOWN).sort((a, b) => a.id - b.id);
  return {
    tenant: log.ref.tenant,
    accepted: log.lastSeq,
    hooks,
    pending,
    oldestPendingAtMs,
    sources: log.sources.list('asc', null, Number.MAX_SAFE_INTEGER).map(({ id, stats }) => ({ id, stats })),
    shown,
    omitted: count - shown.length,
  };
}
