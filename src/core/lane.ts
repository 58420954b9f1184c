/**
 * A lane is what must stay in order: deliveries of one lane go out one after another, and one that waits for its
 * retry holds back those behind it. `null`: waits for nobody.
 */
import type { Ordering } from './hook-config.ts';

/** The lane shared by everything a `fifo` hook delivers. */
export const FIFO_LANE = '';

/** `source` and `subject` are the envelope's. */
export function laneOf(ordering: Ordering, source: string, subject: string | null): string | null {
  switch (ordering) {
    case 'fifo':
      return FIFO_LANE;
    case 'none':
      return null;
    case 'subject':
      return subject === null ? null : `${source}\n${subject}`;
  }
}
