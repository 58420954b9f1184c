/** Whose events wait, and which delivery of each subject has to go first. */
import type { Delivery } from '../relay/answers.ts';

export interface Waiting {
  /** null: events without one. */
  readonly subject: string | null;
  readonly deliveries: number;
  /** The oldest of them: in an ordered hook the others wait for it. */
  readonly first: Delivery;
}

/** @param pending newest first, as the relay lists them; the longest backlog comes first */
export function bySubject(pending: readonly Delivery[]): readonly Waiting[] {
  const found = new Map<string | null, { deliveries: number; first: Delivery }>();
  for (const delivery of pending) {
    const same = found.get(delivery.subject);
    if (same === undefined) found.set(delivery.subject, { deliveries: 1, first: delivery });
    else {
      same.deliveries += 1;
      same.first = delivery;
    }
  }
  return [...found]
    .map(([subject, waiting]) => ({ subject, ...waiting }))
    .toSorted((a, b) => b.deliveries - a.deliveries);
}
