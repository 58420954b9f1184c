/** Why something was not registered or changed: nothing of it has taken effect. */
import type { BoundProblem } from '../core/hook-bounds.ts';

export type Registered = 'hooks' | 'sources' | 'keys';

/** The most that a tenant may have at a time of each. */
export type Quotas = Readonly<Record<Registered, number>>;

/** Of one hook or source at a time: each delivery, and each request, is checked against all of them. */
export const LIVE_SECRETS = 5;

export interface Unfit {
  readonly kind: 'unfit';
  readonly problems: readonly BoundProblem[];
}

export interface Full {
  readonly kind: 'full';
  readonly what: Registered;
  readonly most: number;
}

/** It has changed since the caller read it. */
export type Outdated = 'outdated';

/** Something else of the tenant has this `uid` already. */
export interface Taken {
  readonly kind: 'taken';
  readonly what: Registered;
  readonly uid: string;
}

export function isTaken(result: unknown): result is Taken {
  return typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'taken';
}

export function isUnfit(result: unknown): result is Unfit {
  return typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'unfit';
}
