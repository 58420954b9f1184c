/** In which order hooks are asked for their deliveries, when all are listed: those with trouble first. */
import type { DeliveryStatus } from '../core/delivery.ts';
import type { HookRuntime } from '../hook/runtime.ts';
import type { HookViews, KnownHook } from './hook-views.ts';
import type { HookScope } from './hook-scope.ts';

/** 0: it has trouble. */
export type Rank = 0 | 1;

export interface RankedHook {
  readonly id: number;
  readonly name: string;
  readonly rank: Rank;
}

/** A place in the order of hooks. */
export interface HookPlace {
  readonly rank: Rank;
  readonly id: number;
}

export interface RankedHooks {
  readonly hooks: readonly RankedHook[];
  /** There are more after them. */
  readonly hasMore: boolean;
}

/** `hookId` and `status`: null for any. */
export type HooksToAskQuery = [
  hookId: number | null,
  status: DeliveryStatus | null,
  from: HookPlace,
  limit: number,
];

const HOOKS_READ_AT_ONCE = 500;

/**
 * Up to `limit` hooks within the scope that may have deliveries of that status (null: any), from this place on. None of
 * them is asked: what they last said tells.
 */
export function hooksToAsk(
  views: HookViews,
  scope: HookScope,
  ...[hookId, status, from, limit]: HooksToAskQuery
): RankedHooks {
  const ranked: RankedHook[] = [];
  for (let after = hookId === null ? 0 : hookId - 1; ;) {
    const some = views.known(after, hookId === null ? HOOKS_READ_AT_ONCE : 1);
    for (const hook of some) {
      if (hookId !== null && hook.id !== hookId) continue;
      if (scope.keyId !== null && hook.keyId !== scope.keyId) continue;
      if (!mayHave(views, hook, status)) continue;
      const rank: Rank = hasTrouble(views.runtimeOf(hook)) ? 0 : 1;
      if (rank < from.rank || (rank === from.rank && hook.id < from.id)) continue;
      ranked.push({ id: hook.id, name: hook.name, rank });
    }
    const last = some.at(-1);
    if (last === undefined || hookId !== null) break;
    after = last.id;
  }
  ranked.sort((a, b) => a.rank - b.rank || a.id - b.id);
  return { hooks: ranked.slice(0, limit), hasMore: ranked.length > limit };
}

export function hasTrouble(
  runtime: Pick<HookRuntime, 'state' | 'isFailing' | 'consecutiveFailures' | 'retrying' | 'dead'>,
): boolean {
  const { state, isFailing, consecutiveFailures, retrying, dead } = runtime;
  return state === 'disabled' || isFailing || consecutiveFailures > 0 || retrying > 0 || dead > 0;
}

/** False only where its last word excludes it. */
function mayHave(views: HookViews, hook: KnownHook, status: DeliveryStatus | null): boolean {
  if (views.isMoving(hook)) return true;
  if (hook.summary === null) return false;
  const { state, pending, delivered, dead } = views.runtimeOf(hook);
  switch (status) {
    case 'pending':
      return state === 'active' && pending > 0;
    case 'held':
      return state !== 'active' && pending > 0;
    case 'delivered':
      return delivered > 0;
    case 'dead':
      return dead > 0;
    case 'cancelled':
    case 'skipped':
    case null:
      return true;
  }
}
