/** A sealed envelope and a body, as the log keeps them. */
import type { SealedEnvelope } from '../core/envelope.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import type { Place } from './open-log.ts';

export function toStored(
  sealed: SealedEnvelope,
  place: Place,
  sourceId: string | null,
  event: string | null,
  contentType: string | null,
  raw: Uint8Array,
): StoredEvent {
  return {
    seq: place.seq,
    id: place.posthornId,
    sourceId,
    type: sealed.type,
    subject: sealed.subject,
    source: sealed.source,
    event,
    recordedAtMs: place.recordedAtMs,
    kind: sealed.kind,
    contentType,
    head: sealed.head,
    raw,
  };
}
