/**
 * Which event of the log a provider's item is. An id alone does not tell: providers reuse them for other events, and
 * taking those for repetitions would lose them.
 *
 * The first event under an id is found by source and id, as it always was; what comes later under the same id and is
 * another event is found by what makes it another one.
 */
import { hash } from 'node:crypto';
import { entityIdOf } from '../core/envelope.ts';
import type { EventId } from '../core/event-id.ts';
import type { Item } from '../providers/provider.ts';
import type { EventStore } from './event-store.ts';
import type { SeenEvent } from '../core/stored-event.ts';

export type Identity =
  | { readonly kind: 'seen'; readonly id: EventId }
  /** `id`: for its envelope; null: it has none. `dedupe`: by which a repetition finds it; null: none ever will. */
  | {
      readonly kind: 'new';
      readonly id: string | null;
      readonly dedupe: Uint8Array | null;
      readonly isReused: boolean;
    };

/** Of the digest of a body: enough to tell the few events that share an id. */
const SUFFIX_CHARACTERS = 8;

export function identityOf(
  events: EventStore,
  sourceId: string,
  item: Item,
  isKnownByBody: boolean,
): Identity {
  const { id, event, entityId } = item.facts;
  if (id === null) return { kind: 'new', id, dedupe: null, isReused: false };
  const dedupe = digest(sourceId, id);
  const first = events.seen(dedupe);
  if (first === null) return { kind: 'new', id, dedupe, isReused: false };
  const goesByBody = isKnownByBody || (event === null && entityId === null);
  if (goesByBody ? isSameBody(events, first, item) : isSameEvent(first, item))
    return { kind: 'seen', id: first.id };

  const bodyDigest = hash('sha256', item.body, 'base64url');
  const another = goesByBody
    ? digest(sourceId, id, 'body', bodyDigest)
    : digest(sourceId, id, 'event', event ?? '', entityId ?? '');
  const again = events.seen(another);
  if (again !== null) return { kind: 'seen', id: again.id };
  return {
    kind: 'new',
    id: `${id}.${bodyDigest.slice(0, SUFFIX_CHARACTERS)}`,
    dedupe: another,
    isReused: true,
  };
}

function isSameEvent(seen: SeenEvent, { facts }: Item): boolean {
  return seen.event === facts.event && entityIdOf(seen) === facts.entityId;
}

/** An erased body cannot be compared: what was erased must not come in again. */
function isSameBody(events: EventStore, seen: SeenEvent, { body }: Item): boolean {
  return seen.kind === 'expunged' || events.hasBody(seen.seq, body);
}

/** SHA-256 over the parts, each with its length in front, so that no two lists of parts read alike. */
export function digest(...parts: string[]): Uint8Array {
  return hash('sha256', parts.map((part) => `${part.length}:${part}`).join(''), 'buffer');
}
