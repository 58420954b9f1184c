/** Why something was not registered or changed: nothing of it has taken effect. */
import type { BoundProblem } from '../core/hook-bounds.ts';

export type Registered = 'hooks' | 'sources' | 'keys';

/** The most that a tenant may have at a time of each. */
export type Quotas = Readonly<Record<Registered, number>>;

export interface Unfit {
  readonly kind: 'unfit';
  readonly problems: readonly BoundProblem[];
}

export interface Full {
  readonly kind: 'full';
  readonly what: Registered;
  readonly most: number;
}

export function isUnfit(result: unknown): result is Unfit {
  return typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'unfit';
}
