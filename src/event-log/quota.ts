/** How many hooks, sources and keys a tenant may have at a time. */
import type { OpenLog } from './open-log.ts';
import type { Full, Quotas, Registered } from './refused.ts';

/** Null: one more is within the tenant's quota. */
export function fullOf(log: OpenLog, what: Registered, quotas: Quotas): Full | null {
  const most = quotas[what];
  return countOf(log, what, most) < most ? null : { kind: 'full', what, most };
}

function countOf({ hooks, sources, keys }: OpenLog, what: Registered, most: number): number {
  switch (what) {
    case 'hooks':
      return hooks.lists.count(most);
    case 'sources':
      return sources.count;
    case 'keys':
      return keys.count(most);
  }
}
