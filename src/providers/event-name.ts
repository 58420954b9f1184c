/** A provider's name for an event, and the relay's two words for it. */
import { type Facts } from '../core/envelope.ts';

export type NamedEvent = Pick<Facts, 'entity' | 'action'>;

/** The action of an event whose name tells none. */
export const RECEIVED = 'received';

/** `invoice.line.paid` → invoice.line, paid. A name without a dot is an entity that something was `received` about. */
export function dottedEvent(name: string): NamedEvent {
  const parted = partedName(name);
  return parted === null
    ? { entity: name.toLowerCase(), action: RECEIVED }
    : { entity: parted.entity, action: parted.verb };
}

/** `entity.verb` in lower case, parted at the last dot; null when there is no such dot. */
export function partedName(name: string): { entity: string; verb: string } | null {
  const lower = name.toLowerCase();
  const dot = lower.lastIndexOf('.');
  const [entity, verb] = [lower.slice(0, Math.max(dot, 0)), lower.slice(dot + 1)];
  return entity === '' || verb === '' ? null : { entity, verb };
}
