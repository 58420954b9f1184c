/** The states of rows of the `deliveries` table, and what the API calls them. */
import type { DeliveryState, DeliveryStatus } from '../core/delivery.ts';

export const PENDING_STATES = ['ready', 'waiting', 'retrying'] as const;

export function isPending(state: DeliveryState): boolean {
  return PENDING_STATES.some((pending) => pending === state);
}

const STATES = [...PENDING_STATES, 'delivered', 'dead', 'cancelled', 'skipped'] as const;

/** The states of rows that the API shows as this status; null: all. `isHeld`: the hook is. */
export function statesOf(status: DeliveryStatus | null, isHeld: boolean): readonly DeliveryState[] {
  return STATES.filter((state) => status === null || statusOf(state, isHeld) === status);
}

/** What the API calls the state of a delivery. */
export function statusOf(state: DeliveryState, isHeld: boolean): DeliveryStatus {
  switch (state) {
    case 'ready':
    case 'waiting':
    case 'retrying':
      return isHeld ? 'held' : 'pending';
    case 'delivered':
    case 'dead':
    case 'cancelled':
    case 'skipped':
      return state;
  }
}
