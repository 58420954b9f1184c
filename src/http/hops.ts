/** Events that come in by a delivery of this relay or another. */
import { HOPS_HEADER, MOST_HOPS, hopsInHeader } from '../core/hops.ts';
import { type Refusal, invalid } from './problem.ts';

/** How many relays the event of a request has passed. */
export function hopsOf(headers: Headers): number {
  return hopsInHeader(headers.get(HOPS_HEADER));
}

/** Why the request goes round in a circle; null: as far as anybody can tell, it does not. */
export function loopProblem(hops: number): Refusal | null {
  if (hops <= MOST_HOPS) return null;
  return invalid({
    path: `header/${HOPS_HEADER}`,
    expected: `at most ${MOST_HOPS}: deliveries go round in a circle`,
    got: String(hops),
  });
}
