/**
 * How many relays an event has passed. A delivery may lead back to the relay it comes from, through a name or a proxy that
 * nothing tells it of; each delivery says in a header how often its event has been delivered with it, and what comes in
 * with too many is refused. Only an event that came with the header remembers it, so the usual one costs nothing.
 */
import { numberText, valueAt } from './json-text.ts';
import { closed, isSpliced } from './splice.ts';

export const HOPS_HEADER = 'posthorn-hops';
/** Of an envelope whose event came in by a delivery. */
export const HOPS_ATTRIBUTE = 'posthornhops';
/** Relays in a row on purpose are few. Each round of a loop multiplies an event by the hooks that want it. */
export const MOST_HOPS = 3;

/** What a request says of its event; 0 where it says nothing, or nothing that a relay would. */
export function hopsInHeader(value: string | null): number {
  return value !== null && /^\d{1,9}$/.test(value) ? Number(value) : 0;
}

/** What an event's stored head says; 0: it did not come from a relay. */
export function hopsOf({ head, kind }: { readonly head: string; readonly kind: string }): number {
  if (!head.includes(HOPS_ATTRIBUTE)) return 0;
  const text = isSpliced(kind) ? closed(head, kind) : head;
  const hops = valueAt(text, `/${HOPS_ATTRIBUTE}`);
  return hops === undefined ? 0 : Number(numberText(text, hops) ?? 0);
}
